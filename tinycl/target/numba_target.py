"""The engine as an executor: the same bits as the specification, at speed, under any contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinycl.bits import canonical
from tinycl.contract import DEFAULT, Contract
from tinycl.fast.program import Program
from tinycl.fast.progress import compiling
from tinycl.plan import Plan, check_inputs
from tinycl.target.result import Entry, Result


class NumbaTarget:
    """Runs plans with compiled kernels, on threads."""

    name = "numba"
    most_cores = 64

    def available(self) -> str | None:
        """Return None: Numba is one of the package's own requirements."""
        return None

    def spoken(self, contract: Contract) -> Contract:
        """Return the contract as it stands: every one is computed."""
        return contract

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
        checked : bool
            Return the trace. A lean run fuses activations and shares memory.
        cores : int
            Threads; never changes a bit.
        timeout
            Not used.

        Returns
        -------
        Result
        """
        data = check_inputs(plan, inputs)
        with compiling() as notify:
            program = Program(plan, contract, checked, cores, notify)
        program.check_environment()
        program.load(data)
        for body, times in plan.schedule:
            program.run_body(body, times)
        return _result(program)


def _result(program: Program) -> Result:
    plan = program.plan
    outputs = {name: canonical(program.memory[name]).copy() for name in plan.outputs}
    records = {
        f"{body.name}/{name}": canonical(program.kept[body.name, -1, name])
        for body in plan.bodies.values()
        for name in body.records
    }
    if not program.checked:
        return Result(outputs, records)
    done = dict.fromkeys(plan.bodies, 0)
    trace = []
    for step, body in enumerate(plan.steps()):
        for index, op in enumerate(body.ops):
            trace += [
                Entry(
                    step,
                    body.name,
                    index,
                    op.kind,
                    name,
                    canonical(program.kept[body.name, index, name][done[body.name]]),
                )
                for name in op.writes
            ]
        done[body.name] += 1
    return Result(outputs, records, tuple(trace))
