"""TinyProp's ratios and decisions on written numbers: 0/0, NaN, Inf, overflow, rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.examples import i32, refused
from tinycl import bits, ops
from tinycl.contract import Contract
from tinycl.testing.strategies import arrays

INF, NAN = np.inf, np.nan
SHARES = {"entries": 10, "s_min": 0.1, "s_max": 0.9, "zeta": 1.0, "half_even": 0}
RULE = {"d_min": 0.0, "d_max": 1.0, "factor": 1.0, "threshold": 0.5, "remember": 1}


def f32(*values):
    return np.array(values, np.float32)


def count(y, peak, trained=None, **attrs):
    k, ratio = ops.tinyprop_count(f32(*y), f32(*peak), trained, **{**SHARES, **attrs})
    return k.tolist(), [bits.to_hex(r) for r in ratio]


def word(value):
    return bits.to_hex(np.float32(value))


def test_running_max():
    peak, y_max = ops.running_max(f32(2, NAN, 1, 5, 5, INF, 3), f32(1))
    assert bits.equal(peak, f32(2, 2, 2, 5, 5, INF, INF))
    assert y_max.tolist() == [INF]
    peak, y_max = ops.running_max(f32(-0.0, 0), f32(0))
    assert bits.words(peak).tolist() == [0, 0]  # -0 is not above 0
    peak, y_max = ops.running_max(f32(3), f32(NAN))
    assert np.isnan(peak[0])
    assert np.isnan(y_max[0])


@given(st.data())
def test_running_max_of_two_batches(data):
    y = np.abs(data.draw(arrays((6,))))
    cut = data.draw(st.integers(1, 5))
    whole, last = ops.running_max(y, f32(0))
    first, state = ops.running_max(y[:cut], f32(0))
    second, state = ops.running_max(y[cut:], state)
    assert bits.equal(np.concatenate([first, second]), whole)
    assert bits.equal(state, last)


def test_the_first_sample_has_the_largest_share():
    """Y_max is raised before it is used, so that Y/Y_max is 1: trunc(10*0.9) = 9."""
    one = np.float32(0.1) + (np.float32(0.9) - np.float32(0.1))
    assert count([3], [3]) == ([9], [word(one)])


def test_no_gradient_at_all():
    """0/0 is not computed: S_min*zeta, and at least one entry."""
    assert count([0], [0], zeta=0.5) == ([1], [word(np.float32(0.1) * np.float32(0.5))])
    assert count([0], [0], s_min=0.7) == ([7], [word(0.7)])
    assert count([0], [-0.0], s_min=0.0) == ([1], [word(0)])


def test_ratios_that_are_not_finite_are_dense():
    assert count([NAN], [1]) == ([10], ["7fc00000"])
    assert count([INF], [INF]) == ([10], ["7fc00000"])  # Inf/Inf
    assert count([INF], [1]) == ([10], ["7f800000"])
    assert count([-INF], [1]) == ([10], ["ff800000"])
    assert count([1], [NAN]) == ([10], ["7fc00000"])
    assert count([1], [INF]) == ([1], [word(0.1)])  # 10 * 0.1 = 1
    assert count([3e38], [1], s_max=3.4e38, entries=7)[0] == [7]  # y*(s_max - s_min) overflows


def test_products_that_overflow_are_cut():
    assert count([1], [1], s_max=3e38, entries=2**31 - 1)[0] == [2**31 - 1]
    huge = {"s_min": -3e38, "s_max": -3e38, "entries": 2**31 - 1}
    assert count([1], [1], **huge) == ([1], [word(-3e38)])


def test_entries_are_rounded_once():
    """m = 2^24 + 1 is 2^24 as binary32; all of it survives only where the ratio is not finite."""
    m = 2**24 + 1
    assert count([1], [1], s_min=1.0, s_max=1.0, entries=m)[0] == [m - 1]
    assert count([NAN], [1], entries=m)[0] == [m]
    m = 2**31 - 1  # 2^31 as binary32, which is cut back
    assert count([1], [1], s_min=1.0, s_max=1.0, entries=m)[0] == [m]


@pytest.mark.parametrize(
    ("share", "entries", "cut", "even"),
    [(0.25, 10, 2, 2), (0.375, 4, 1, 2), (0.75, 2, 1, 2), (0.125, 4, 1, 1), (0.5, 9, 4, 4)],
)
def test_rounding(share, entries, cut, even):
    """2.5 gives 2 and 2, 1.5 gives 1 and 2; 0.5 gives 0, and then at least 1; 4.5 gives 4."""
    attrs = {"s_min": share, "s_max": share, "entries": entries}
    assert count([1], [1], **attrs)[0] == [cut]
    assert count([1], [1], **attrs, half_even=1)[0] == [even]


def test_every_step_rounds():
    """Y*(S_max - S_min), by Y_max, S_min +, zeta *, m *: here each of them is inexact."""
    y, peak, low, high, zeta = (np.float32(v) for v in (0.7, 1.3, 0.1, 0.9, 0.3))
    share = (low + (y * (high - low)) / peak) * zeta
    assert count([y], [peak], zeta=0.3) == ([1], [word(share)])
    assert count([y], [peak], zeta=0.3, entries=1000)[0] == [int(np.float32(1000) * share)]


def test_samples_that_do_not_train():
    k, ratio = count([1, NAN, 1], [1, 1, 1], i32(0, 0, -2))
    assert k == [0, 0, 9]
    assert ratio[:2] == ["00000000"] * 2


def decide(y, y_max=0.0, contract=None, **attrs):
    made = ops.tinyprop_decide(
        f32(*y), f32(y_max), **{**RULE, **attrs}, contract=contract or Contract()
    )
    return [m.tolist() for m in made]


def test_decisions():
    trained, measure, peak, y_max = decide([2, 1, 1.5, 0.5, 4])
    assert measure == [1, 0.5, 0.75, 0.25, 1]
    assert trained == [1, 0, 1, 0, 1]  # 0.5 is not above the threshold
    assert peak == [2, 2, 2, 2, 4]
    assert y_max == [4]


def test_a_skipped_sample_is_remembered_or_not():
    """With factor 0.5 the largest sample so far has a measure of 0.5: it is skipped."""
    skip = {"factor": 0.5}
    assert decide([2, 4, 3], 1.0, **skip) == [[0, 0, 0], [0.5, 0.5, 0.375], [2, 4, 4], [4]]
    got = decide([2, 4, 3], 1.0, **skip, remember=0)
    assert got == [[0, 0, 0], [0.5, 0.5, 0.5], [2, 4, 3], [1]]


def test_decisions_without_numbers():
    trained, measure, peak, y_max = decide([0, NAN, 1, NAN, INF, 1], d_min=0.25)
    # 0/0 and NaN/0 are not computed; then 0.25 + 0.75/1, NaN/1, Inf/Inf, 0.25 + 0.75/Inf.
    assert bits.equal(f32(*measure), f32(0.25, 0.25, 1, NAN, NAN, 0.25))
    assert trained == [0, 0, 1, 1, 1, 0]
    assert peak == [0, 0, 1, 1, INF, INF]
    assert y_max == [INF]
    assert decide([1], threshold=NAN)[0] == [1]


def test_subnormals_that_are_flushed_are_zero():
    tiny, flush = 2.0**-140, Contract(subnormals="flush")
    assert decide([tiny], d_min=0.25)[1] == [1.0]
    trained, measure, peak, y_max = decide([tiny], d_min=0.25, contract=flush)
    assert (measure, peak, y_max) == ([0.25], [0.0], [0.0])


def test_wrong_attributes():
    refused("tinyprop_decide", "remember is 2", "0 (no) or 1 (yes)", remember=2)
    refused("tinyprop_count", "half_even is 2", half_even=2)
    refused("running_max", "y_max", "(1,)", tensors=(f32(1, 2), f32(1, 2)))
    refused("tinyprop_count", "agree", tensors=(f32(1, 2), f32(1)))
    refused("tinyprop_count", "trained (1,)", tensors=(f32(1, 2), f32(1, 2), i32(1)))
