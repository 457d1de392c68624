"""What the targets that run the C reference share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ContractError, TargetError
from tinycl.plan import Plan, check_inputs
from tinycl.target.build import Built, Recipe, built, missing
from tinycl.target.reply import ReplyReader
from tinycl.target.result import Result
from tinycl.target.session import Session
from tinycl.target.wire import encode

LIMIT = 600.0  # seconds, unless the caller says otherwise


class CTarget:
    """The C runner behind a session.

    Parameters
    ----------
    recipe : Recipe
        How the runner is built; it is built when it is first needed.
    count : bool
        Return what each operation took: `Result.costs`.
    local : int
        Bytes of the target's local memory that tiles may take: operations that can be cut work
        there, part by part. 0: all work in place; -1: as much as there is. Never changes a bit.
    """

    name = ""
    most_cores = 1
    advice = ""  # when the runner crashes

    def __init__(self, recipe: Recipe, count: bool = False, local: int = 0) -> None:
        if isinstance(local, bool) or not isinstance(local, int) or not -1 <= local < 1 << 32:
            raise TargetError(
                f"{self.name}: local memory is a number of bytes, 0 for none or -1 for all of it; "
                f"got {local!r}"
            )
        self.recipe, self.counts, self.local = recipe, count, local
        self._session = Session(self.name, self.command, self.advice)
        self._built: Built | None = None

    def command(self) -> list[str]:
        """Return the command line that starts the runner; builds it."""
        return [str(self.built().program)]

    def own_kernels(self) -> Mapping[str, str]:
        """Return which kernels are the caller's own, and their files; builds the program."""
        return self.built().own.kernels if self.recipe.kernels else {}

    def built(self) -> Built:
        """Return the program; builds it.

        The caller's own kernels stay as they were at first: a suite never changes its program.
        """
        if not self.recipe.kernels:
            return built(self.recipe)
        if self._built is None or not self._built.program.exists():
            self._built = built(self.recipe)
        return self._built

    def available(self) -> str | None:
        """Return None if the target works here, else what to install."""
        return missing(self.recipe)

    def spoken(self, contract: Contract) -> Contract:
        """Return the contract whose bits a run under `contract` has here: the same one."""
        return contract

    def check_contract(self, contract: Contract) -> None:
        """Raise ContractError unless a run under this contract has the bits that it says."""
        order = contract.selection_order
        asked = DEFAULT.but(selection_order=order)
        spoken = self.spoken(asked)
        if contract == spoken:
            return
        if contract == asked:
            raise ContractError(
                f"{self.name}: its multiply-add is {spoken.mac}, the contract says "
                f"mac={asked.mac}; ask for the contract that it speaks: {spoken}"
            )
        raise ContractError(
            f"{self.name}: the C reference implements the default contract only, with either "
            "selection_order; run another one on the target numpy"
        )

    def run(
        self,
        plan: Plan,
        inputs: Mapping[str, Any],
        *,
        contract: Contract = DEFAULT,
        checked: bool = True,
        cores: int = 1,
        timeout: float | None = None,
    ) -> Result:
        """Run a plan.

        Parameters
        ----------
        plan : Plan
        inputs : mapping of str to ndarray
            As `check_inputs` takes them.
        contract : Contract
            The default one, with either `selection_order`; the C reference implements no other. On
            a target that computes something else, what `spoken` makes of it.
        checked : bool
            Return the trace.
        cores : int
            Threads or harts, from 1 to `most_cores`.
        timeout : float, optional
            Seconds until the runner is killed; 600 if left out.

        Returns
        -------
        Result

        Raises
        ------
        ContractError
            Another field of the contract than `selection_order` is not the default, or the target
            has other bits.
        TargetMissing
            Something is not installed.
        TargetHang
            The runner did not answer in time.
        TargetError
            It does not compile, crashes, or returns something unreadable.
        EnvironmentFault
            One of its cores flushes subnormals or rounds another way.
        """
        self.check_contract(contract)
        return self.execute(
            plan, inputs, contract.selection_order, checked=checked, cores=cores, timeout=timeout
        )

    def execute(
        self,
        plan: Plan,
        inputs: Mapping[str, Any],
        selection_order: str = "ascending",
        *,
        checked: bool = True,
        cores: int = 1,
        timeout: float | None = None,
    ) -> Result:
        """Run a plan as `run` does, with whatever arithmetic the target has."""
        if not 1 <= cores <= self.most_cores:
            raise TargetError(f"{self.name}: runs on 1 to {self.most_cores} cores, got {cores}")
        data = check_inputs(plan, inputs)
        request = encode(
            plan,
            data,
            cores=cores,
            checked=checked,
            counted=self.counts,
            selection_order=selection_order,
            local=self.local,
        )
        reply = ReplyReader(self.name, plan, checked, self.counts)
        self._session.exchange(request, reply.feed, LIMIT if timeout is None else timeout)
        try:
            return reply.result()
        except TargetError:
            self.close()  # a runner that refused a request may not know where the next begins
            raise

    def close(self) -> None:
        """End the runner; the next run starts another."""
        self._session.close()
