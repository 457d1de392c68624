"""Costs are added up as they were told, and bits are compared in every setting."""

from __future__ import annotations

import pytest

from tests.profile.conftest import STEPS, small
from tinycl import sparse
from tinycl.bits import digest
from tinycl.contract import DEFAULT
from tinycl.errors import TargetError, TinyclError
from tinycl.ops import TABLE
from tinycl.profile import Setting, choose, counting, measure, net_works
from tinycl.profile.measure import cores_of
from tinycl.profile.operations import DIRECTIONS, OTHER, bodies, direction
from tinycl.target.registry import run

BY_HAND = {
    "conv2d_forward": "forward",
    "softmax_cross_entropy_forward": "forward",
    "mean": "forward",
    "linear_sparse_weight_grad": "weight gradient",
    "depthwise_weight_grad": "weight gradient",
    "pointwise_sparse_input_grad": "input gradient",
    "gate_grad": "input gradient",
    "max_pool_input_grad": "input gradient",
    "sampled_bias_grad": "bias gradient",
    "sparse_bias_grad": "bias gradient",
    "conv2d_bias_grad": "bias gradient",
    "top_k": "selection",
    "tinyprop_decide": "selection",
    "gather": "copy",
    "int8_conv2d": "forward",
    "quantise": "forward",
    "adam": "update",
    "moving_average": "update",
    "channel_moments": "forward",
    "normalise_weight_grad": "weight gradient",
    "batch_norm_input_grad": "input gradient",
    "channel_scale_gate_grad": "input gradient",
    "exp": "other",
}


def test_directions():
    assert {kind: direction(kind) for kind in BY_HAND} == BY_HAND
    for kind in TABLE:
        assert direction(kind) in DIRECTIONS
        assert direction(kind) != OTHER or not kind.endswith(("_grad", "_forward"))


def test_sums_over_the_steps(report):
    work = small()
    made = report([work])
    (profile,) = made.profiles
    assert [run.setting for run in profile.runs] == [
        Setting(1, 0), Setting(4, 0), Setting(1, -1), Setting(4, -1)
    ]  # fmt: skip
    ops = work.plan.bodies["train"].ops
    assert [(o.kind, o.tensor) for o in profile.operations] == [(o.kind, o.writes[0]) for o in ops]
    for place, op in enumerate(ops):
        each = work.plan.op_macs(op)
        assert profile.operations[place].macs == STEPS * each
        for measured in profile.runs:
            slow = 1 if measured.setting.local else 3
            cycles = -(-slow * (each + 100) // measured.setting.cores)
            assert measured.cycles[place] == STEPS * cycles
            assert measured.instructions[place] == STEPS * (each + 100) + 7 * (0 + 1 + 2)
            assert measured.tiles[place] == (2 * STEPS if measured.setting.local else 0)
    assert made.different == ()
    right = run(work.plan, work.inputs, checked=False).tensors()
    assert profile.digests == {key: digest(value) for key, value in right.items()}


def test_macs_are_those_that_were_counted(report):
    work = small("tinyprop", sparse.TinyProp(s_min=0.2, s_max=0.2, zeta=1.0))
    (profile,) = report([work]).profiles
    records = run(work.plan, work.inputs, checked=False).records
    found = {o.tensor: o.macs for o in profile.operations}
    for gradient in ("linear0.dweight", "linear2.dweight", "linear2.dx"):
        counted = int(records[f"train/{gradient}_effort"].sum())
        assert 0 < found[gradient] == counted
    dense = {o.tensor: o.macs for o in report([small()]).profiles[0].operations}
    assert found["linear0.dweight"] < dense["linear0.dweight"]
    assert found["linear0.y"] == dense["linear0.y"]


def test_a_skipped_step_costs_but_multiplies_nothing(report):
    """A threshold that no sample passes: backward has no work, and still has cycles."""
    work = small("tinypropv2", sparse.TinyPropV2(d_max=0.25))
    (profile,) = report([work]).profiles
    gradients = [o.macs for o in profile.operations if o.direction == "weight gradient"]
    assert gradients == [0, 0]
    assert all(min(measured.cycles) > 0 for measured in profile.runs)


def test_the_choice_of_channels_is_no_step(report):
    work = small("channels", sparse.Channels(0.5))
    assert list(work.plan.bodies) == ["train", "choose"]
    assert [body.name for body in bodies(work.plan)] == ["train"]
    (profile,) = report([work]).profiles
    assert len(profile.operations) == len(work.plan.bodies["train"].ops)
    assert {o.body for o in profile.operations} == {"train"}


def test_other_bits_are_told(report):
    made = report([small()], break_bits=("linear0.weight",), cores=(2,))
    wanted = "dense: output/linear0.weight"
    assert made.different == (f"{wanted} (in place, 2 cores)", f"{wanted} (tiles, 2 cores)")


def test_a_target_that_tells_no_costs(report, planted):
    with pytest.raises(TargetError, match=r"costs of 14 operations, the plan runs \d+.*number 14"):
        report([small(steps=1)], lose=len(small(steps=1).plan.bodies["train"].ops) - 14)
    assert all(executor.closed for executor in planted.made.values())


def test_cores_and_limits(report, planted):
    report([small(steps=1)], cores=None, most_cores=4, places=(0,))
    assert [asked[0] for asked in planted.made[0].asked] == [1, 2, 4]
    assert {asked[1:] for asked in planted.made[0].asked} == {(False, 3600.0)}
    with pytest.raises(TargetError, match="runs on 1 to 4 cores, got 8"):
        report([small()], cores=(1, 8), most_cores=4)
    assert cores_of(planted("gvsoc"), (4, 4, 1)) == (4, 1)


def test_a_target_that_speaks_another_contract(report, planted):
    other = DEFAULT.but(mac="fma_via_double")

    class Via(type(planted("gvsoc"))):
        def spoken(self, contract):
            return contract.but(mac="fma_via_double")

    made = measure([small()], target="gvsoc", what="", cores=(1,), make=lambda t, n: Via())
    assert made.contract == other.text
    assert made.different == ()


def test_no_counts():
    for name in ("numpy", "numba", "host"):
        with pytest.raises(TargetError, match=f"{name} counts nothing.*--target gvsoc counts"):
            counting(name)
    with pytest.raises(TargetError, match="'fpga' does not exist"):
        counting("fpga")


def test_policies_by_name():
    assert choose(("tinyprop", "dense", "tinyprop")) == ("dense", "tinyprop")
    assert len(choose(())) == 9
    with pytest.raises(TinyclError, match="no policy 'tinyprob'; choose from dense, layerwise"):
        choose(("tinyprob",))


@pytest.mark.parametrize("steps", [0, -1, 1001])
def test_steps_out_of_range(steps):
    with pytest.raises(TinyclError, match=f"--steps takes 1 to 1000, got {steps}"):
        net_works(["dense"], steps)
