"""An executor whose bits are those of the engine, and whose costs are planted."""

from __future__ import annotations

import dataclasses

from tinycl.profile.model import ALL
from tinycl.target.numba_target import NumbaTarget
from tinycl.target.result import Cost

ROOM = 4096  # bytes below which the planted local memory takes no tile
SLOW = 3.0  # in place against tiles


class Planted:
    """Costs are `macs + 100`, three times that in place, divided by the cores and rounded up."""

    name = "gvsoc"
    most_cores = 8

    def __init__(self, count=True, local=0, cycles=True, most_cores=8, break_bits=(), lose=0):
        assert count
        self.local, self.cycles, self.most_cores = local, cycles, most_cores
        self.break_bits, self.lose = break_bits, lose
        self.closed, self.asked = False, []
        self._engine = NumbaTarget()

    def available(self):
        return None

    def close(self):
        self.closed = True

    def simulator(self):
        return {"path": "/somewhere", "revision": "abc", "fma": "fma"}

    def spoken(self, contract):
        return contract

    def tiles(self):
        return 2 if self.local == ALL or self.local >= ROOM else 0

    def run(self, plan, inputs, *, contract, checked, cores, timeout):
        self.asked.append((cores, checked, timeout))
        result = self._engine.run(plan, inputs, contract=contract, checked=checked)
        costs = []
        for step, body in enumerate(plan.steps()):
            for place, op in enumerate(body.ops):
                work = plan.op_macs(op) + 100
                slow = 1 if self.tiles() else 3
                cycles = -(-slow * work // cores) if self.cycles else 0
                costs.append(Cost(step, body.name, place, op.kind, cycles, work + 7 * step,
                                  self.tiles()))  # fmt: skip
        outputs = dict(result.outputs)
        for name in self.break_bits:
            outputs[name] = outputs[name] + 1
        return dataclasses.replace(
            result, outputs=outputs, costs=tuple(costs[: len(costs) - self.lose])
        )
