"""Sparse gradients: everything survives, nothing does, what is left out, and effort."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.cases import CASES
from tests.ops.examples import call, i32
from tests.ops.sparse_cases import DENSE, SEEDS, listed, reordered, survivors
from tinycl import bits, ops
from tinycl.testing.strategies import arrays, contracts

FAMILIES = ("conv2d", "depthwise", "pointwise", "linear")
GRADIENTS = [f"{f}_{d}_grad" for f in FAMILIES for d in ("weight", "input")]


def f32(*values):
    return np.array(values, np.float32)


def sparse(dense):
    """Return the name of the sparse form of a dense gradient."""
    return "_sparse_".join(dense.split("_", 1))


def drawn(data, dense):
    """Draw a dense gradient's tensors and attributes, and `channels` for its sparse form."""
    tensors, attrs = data.draw(DENSE[dense])
    linear = dense.startswith("linear")
    return tensors, attrs, {} if linear else {"channels": data.draw(st.integers(0, 1))}


def everything(data, dy, channels, contract):
    """List all survivors, in any order where the order of lists is the heap's."""
    m = dy.shape[1] if channels else dy[0].size
    source = np.random.Generator(np.random.PCG64(data.draw(SEEDS)))
    heap = contract.selection_order == "heap"
    rows = data.draw(st.sampled_from((1, len(dy))))
    index = [source.permutation(m) if heap else np.arange(m) for _ in range(rows)]
    return np.full(rows, m, np.int32), np.array(index, np.int32)


@pytest.mark.parametrize("dense", GRADIENTS)
@given(st.data(), contracts())
def test_all_survivors_are_the_dense_gradient(dense, data, contract):
    tensors, attrs, channels = drawn(data, dense)
    lists = everything(data, tensors[1], channels.get("channels"), contract)
    got, effort = call(sparse(dense), *tensors, *lists, **attrs, **channels, contract=contract)
    assert bits.equal(got, call(dense, *tensors, **attrs, contract=contract))
    assert effort.min() > 0


@given(st.data(), contracts(), st.integers(0, 1))
def test_all_survivors_are_the_dense_bias_gradient(data, contract, channels):
    dy = data.draw(arrays((data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)), 2, 3)))
    lists = everything(data, dy, channels, contract)
    dense = ops.conv2d_bias_grad(dy, contract=contract)
    got = ops.sparse_bias_grad(dy, *lists, channels=channels, contract=contract)
    assert bits.equal(got, dense)
    ones = np.full(len(dy), -7, np.int32)
    assert bits.equal(ops.sampled_bias_grad(dy, ones, contract=contract), dense)
    flat = dy.reshape(len(dy), -1)
    assert bits.equal(
        ops.sampled_bias_grad(flat, ones, contract=contract),
        ops.linear_bias_grad(flat, contract=contract),
    )


@pytest.mark.parametrize("dense", GRADIENTS)
@given(st.data(), contracts())
def test_no_survivors_are_zero(dense, data, contract):
    tensors, attrs, channels = drawn(data, dense)
    lists = i32(0), i32([-1])
    made = call(sparse(dense), *tensors, *lists, **attrs, **channels, contract=contract)
    assert not any(bits.words(m).any() for m in made)


@pytest.mark.parametrize("dense", GRADIENTS)
@given(st.data(), contracts())
def test_what_does_not_survive_never_matters(dense, data, contract):
    """Another value, NaN and Inf too, where dy is left out, changes no bit."""
    case = reordered(data.draw, sparse(dense), data.draw(CASES[sparse(dense)]), contract)
    (a, dy, count, index), attrs = case
    channels = attrs.get("channels", 0)
    kept = np.zeros((len(dy), dy.shape[1] if channels else dy[0].size), bool)
    for s in range(len(dy)):
        r = 0 if len(count) == 1 else s
        kept[s, index[r, : count[r]]] = True
    kept = (
        kept.reshape(*dy.shape[:2], *(1,) * (dy.ndim - 2)) if channels else kept.reshape(dy.shape)
    )
    other = data.draw(st.sampled_from(f32(np.nan, np.inf, -0.0, 3)))
    changed = np.where(kept, dy, other)
    want = call(sparse(dense), a, dy, count, index, **attrs, contract=contract)
    got = call(sparse(dense), a, changed, count, index, **attrs, contract=contract)
    assert all(bits.equal(*pair) for pair in zip(got, want, strict=True))


@pytest.mark.parametrize("dense", [g for g in GRADIENTS if not g.startswith("linear")])
@given(st.data(), contracts(padding="skip", selection_order="ascending"))
def test_whole_channels_are_their_entries_where_padding_is_skipped(dense, data, contract):
    """With padding=skip a channel has no terms but its entries'."""
    tensors, attrs = data.draw(DENSE[dense])
    dy = tensors[1]
    count, index = survivors(data.draw, len(dy), dy.shape[1])
    each = dy[0, 0].size
    wide = (index[:, :, None] % dy.shape[1] * each + np.arange(each)).reshape(len(index), -1)
    channels = call(sparse(dense), *tensors, count, index, **attrs, channels=1, contract=contract)
    entries = call(
        sparse(dense),
        *tensors,
        count * each,
        wide.astype(np.int32),
        **attrs,
        channels=0,
        contract=contract,
    )
    assert all(bits.equal(*pair) for pair in zip(channels, entries, strict=True))


@pytest.mark.parametrize("dense", GRADIENTS)
@given(st.data(), contracts(selection_order="ascending"))
def test_effort(dense, data, contract):
    """The closed formulas: kh*kw a survivor, ho*wo times as many for a channel."""
    tensors, attrs, flag = drawn(data, dense)
    dy, channels = tensors[1], flag.get("channels", 0)
    c, each = dy.shape[1], math.prod(dy.shape[2:])
    count, index = survivors(data.draw, len(dy), c if channels else c * each)
    kernel = attrs.get("kernel", tensors[0].shape[-2:] if "size" in attrs else (1, 1))
    _, effort = call(sparse(dense), *tensors, count, index, **attrs, **flag, contract=contract)
    cost = math.prod(kernel) * (each if channels else 1)
    times = len(dy) // len(count)
    if dense.startswith("depthwise"):
        places = np.concatenate([row[:k] for k, row in zip(count, index, strict=True)])
        own = np.bincount(places // (1 if channels else each), minlength=c)
        assert effort.tolist() == (own * cost * times).tolist()
    else:
        assert set(effort.tolist()) == {int(count.sum()) * cost * times}
    inputs = {"depthwise": c}.get(dense.split("_")[0], tensors[0].shape[1])
    assert effort.shape == (inputs,)


@given(st.data())
def test_sampled_bias_leaves_samples_out_of_their_lanes(data):
    """The trained samples keep their numbers: a mask of zeros gives the same where none is -0."""
    dy = np.abs(data.draw(arrays((3, 2, 5), hard=False))) + np.float32(1)
    here = i32(*data.draw(st.lists(st.integers(0, 1), min_size=3, max_size=3)))
    contract = data.draw(contracts(start="zero"))
    masked = dy * here.reshape(3, 1, 1).astype(np.float32)
    dense = ops.conv2d_bias_grad(masked[..., None], contract=contract)
    assert bits.equal(ops.sampled_bias_grad(dy, here, contract=contract), dense)


def test_listed_draws_both_kinds():
    """The strategy itself: entries and channels, a list for all and for each, all and some."""
    found = set()

    @given(st.data())
    def collect(data):
        (count, index), channels = listed(data.draw, np.zeros((2, 3, 2, 2), np.float32))
        found.add(("channels", channels))
        found.add(("rows", len(count)))
        found.add(("full", bool((count == (3 if channels else 12)).all())))

    collect()
    assert len(found) == 6
