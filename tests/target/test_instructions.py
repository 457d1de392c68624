"""Counted instructions: exact, of the operations alone."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tinycl.errors import TargetError
from tinycl.plan import Plan, Run, check_inputs
from tinycl.target.host import HostTarget
from tinycl.target.numpy_target import NumpyTarget
from tinycl.target.qemu import QemuTarget
from tinycl.target.reply import ReplyReader
from tinycl.target.result import Cost
from tinycl.target.wire import encode

from runs import Work, same  # isort: skip
from test_wire import CHUNKS, REPLY, TINY, TINY_INPUTS, reply_words  # isort: skip

COST = (5, 0, 0, 0, 5, 2, 1, 7, 3, 4)
LATER = (5, 1, 0, 0, 5, 9, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def counting(qemu: QemuTarget) -> Iterator[QemuTarget]:
    target = QemuTarget(count=True)
    yield target
    target.close()


def of_length(work: Work, steps: int) -> Work:
    """Return the same training, with the first slice as often as that."""
    plan, inputs = work
    longer: Plan = replace(plan, schedule=(Run("setup", 1), Run("train", steps)))
    streams = {n: np.repeat(inputs[n][:1], steps, 0) for n in plan.streamed}
    return longer, inputs | streams


def test_a_plan_has_one_number(counting: QemuTarget, training: Work) -> None:
    same(counting, training)
    found = [counting.run(*training, checked=c).instructions for c in (True, False, True)]
    other = QemuTarget(count=True)
    found.append(other.run(*training).instructions)
    other.close()
    assert len(set(found)) == 1
    macs = 4 * 2 * 5 * 7 * 3  # steps, forward and weight gradient, samples, inputs, outputs
    assert found[0] is not None
    assert macs < found[0] < 200 * macs


def test_it_grows_with_the_steps_and_with_nothing_else(
    counting: QemuTarget, training: Work
) -> None:
    none, one, two, eight = (
        counting.run(*of_length(training, steps), checked=False).instructions or 0
        for steps in (0, 1, 2, 8)
    )
    assert 0 < none < one - none  # the body `setup` alone
    assert two - one == pytest.approx(one - none, rel=0.02)
    assert eight - none == pytest.approx(8 * (one - none), rel=0.02)
    plan, inputs = training
    more = replace(plan, outputs=(*plan.outputs, "z", "p", "dw"))
    counted = counting.run(more, inputs).instructions
    assert counted == counting.run(plan, inputs).instructions


def test_two_harts_are_not_counted(counting: QemuTarget, training: Work) -> None:
    with pytest.raises(TargetError, match="runs on 1 to 1 cores, got 2"):
        counting.run(*training, cores=2)


def test_who_does_not_count_says_so(host: HostTarget, qemu: QemuTarget, training: Work) -> None:
    assert host.run(*training).costs == qemu.run(*training).costs == ()
    assert host.run(*training).instructions is None
    assert NumpyTarget().run(*training).instructions is None
    tiles = HostTarget(count=True)
    costs = tiles.run(*training).costs
    tiles.close()
    assert len(costs) > 0
    assert {(cost.cycles, cost.instructions) for cost in costs} == {(0, 0)}


def test_each_operation_has_its_cost(counting: QemuTarget, training: Work) -> None:
    plan, _ = training
    costs = counting.run(*training).costs
    wanted = [
        (step, body.name, index, op.kind)
        for step, body in enumerate(plan.steps())
        for index, op in enumerate(body.ops)
    ]
    assert [cost[:4] for cost in costs] == wanted
    assert all(cost.instructions > 0 and cost.cycles == cost.tiles == 0 for cost in costs)


def test_the_costs_in_a_reply() -> None:
    for checked in (False, True):
        reader = ReplyReader("test", TINY, checked, True)
        chunks = [c for c in CHUNKS if checked or c[0] != 1]
        first, second = (i for i, c in enumerate(chunks) if c[0] == (1 if checked else 2))
        chunks[second:second] = [LATER]
        chunks[first:first] = [COST]
        assert reader.feed(reply_words(*chunks))
        assert reader.result().costs == (
            Cost(0, "all", 0, "relu_forward", 2 + (1 << 32), 7 + (3 << 32), 4),
            Cost(1, "all", 0, "relu_forward", 9, 0, 0),
        )
        assert reader.result().outputs["y"].shape == TINY.tensors["y"].shape


@pytest.mark.parametrize(
    ("counted", "reply"),
    [
        (True, REPLY),
        (False, reply_words(COST, *CHUNKS)),
        (True, reply_words(*CHUNKS, COST)),
        (True, reply_words(CHUNKS[0], COST, *CHUNKS[1:])),
        (True, reply_words(COST, COST, *CHUNKS)),
        (True, reply_words(LATER, *CHUNKS)),
        (True, reply_words((5, 0, 0, 0, 4, 2, 1, 7, 3), *CHUNKS)),
    ],
)
def test_a_cost_out_of_place_is_damage(counted: bool, reply: bytes) -> None:
    reader = ReplyReader("test", TINY, True, counted)
    with pytest.raises(TargetError, match="damaged"):
        reader.feed(reply)


def test_a_request_asks_for_it() -> None:
    data = check_inputs(TINY, TINY_INPUTS)
    words = [
        struct.unpack_from("<8I", encode(TINY, data, cores=1, checked=checked, counted=counted))[7]
        for checked in (False, True)
        for counted in (False, True)
    ]
    assert words == [0, 2, 5, 7]
