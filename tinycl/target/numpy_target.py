"""The specification as an executor: each operation is the NumPy function of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.bits import DTYPES, Array
from tinycl.contract import DEFAULT, Contract
from tinycl.num.environment import check_environment
from tinycl.ops import TABLE
from tinycl.plan import Op, Plan, check_inputs, layout
from tinycl.target.result import Entry, Result


class NumpyTarget:
    """Runs plans with NumPy, under any contract."""

    name = "numpy"
    most_cores = 1

    def available(self) -> str | None:
        """Return None: NumPy is always there."""
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
        """Run a plan in this thread; `cores` and `timeout` are taken for symmetry and not used.

        Parameters
        ----------
        plan : Plan
        inputs : mapping of str to ndarray
            As `check_inputs` takes them.
        contract : Contract
        checked : bool
            Return the trace. A lean run keeps its tensors in one arena and shares places.
        cores, timeout
            Not used.

        Returns
        -------
        Result
        """
        check_environment()
        data = check_inputs(plan, inputs)
        memory = _arena(plan, checked)
        for name, value in data.items():
            if name not in plan.streamed:
                memory[name][...] = value
        cursor = dict.fromkeys(plan.streamed, 0)
        records: dict[str, list[Array]] = {
            f"{b.name}/{n}": [] for b in plan.bodies.values() for n in b.records
        }
        trace: list[Entry] = []
        for step, body in enumerate(plan.steps()):
            for name in body.streams:
                memory[name][...] = data[name][cursor[name]]
                cursor[name] += 1
            for index, op in enumerate(body.ops):
                _execute(op, memory, contract)
                if checked:
                    trace += [
                        Entry(step, body.name, index, op.kind, n, memory[n].copy())
                        for n in op.writes
                    ]
            for name in body.records:
                records[f"{body.name}/{name}"].append(memory[name].copy())
        return Result(
            {name: memory[name].copy() for name in plan.outputs},
            {key: _stack(values, plan, key) for key, values in records.items()},
            tuple(trace),
        )


def _arena(plan: Plan, checked: bool) -> dict[str, Array]:
    """Return a view into one block of memory for each tensor, filled with a pattern."""
    place = layout(plan, checked)
    block = np.full(place.words, 0x57575757, np.uint32)
    return {
        name: plan.tensors[name].view(block[start : start + plan.tensors[name].words])
        for name, start in place.offsets.items()
    }


def _execute(op: Op, memory: Mapping[str, Array], contract: Contract) -> None:
    row = TABLE[op.kind]
    inputs = [None if n is None else memory[n] for n in op.inputs]
    result = row.function(*inputs, **row.attributes(op.attrs), contract=contract)
    values = result if isinstance(result, tuple) else (result,)
    for name, value in zip(op.outputs, values, strict=True):
        if name is not None:
            memory[name][...] = value


def _stack(values: list[Array], plan: Plan, key: str) -> Array:
    tensor = plan.tensors[key.partition("/")[2]]
    stacked: Array = np.array(values, DTYPES[tensor.dtype])
    return stacked.reshape(len(values), *tensor.shape)
