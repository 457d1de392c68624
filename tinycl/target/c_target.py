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
    """

    name = ""
    most_cores = 1
    counts = False

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._session = Session(self.name, self.command)
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
            The default one, with either `selection_order`; the C reference implements no other.
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
            Another field of the contract than `selection_order` is not the default.
        TargetMissing
            Something is not installed.
        TargetHang
            The runner did not answer in time.
        TargetError
            It does not compile, crashes, or returns something unreadable.
        EnvironmentFault
            One of its cores flushes subnormals or rounds another way.
        """
        order = contract.selection_order
        if contract != DEFAULT.but(selection_order=order):
            raise ContractError(
                f"{self.name}: the C reference implements the default contract only, with either "
                "selection_order; run another one on the target numpy"
            )
        if not 1 <= cores <= self.most_cores:
            raise TargetError(f"{self.name}: runs on 1 to {self.most_cores} cores, got {cores}")
        data = check_inputs(plan, inputs)
        request = encode(
            plan,
            data,
            cores=cores,
            checked=checked,
            counted=self.counts,
            selection_order=order,
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
