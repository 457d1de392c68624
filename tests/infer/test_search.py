"""The contract found is the one drawn, or no other that the data could tell from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.cases import CASES
from tinycl import bits
from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.fast.choose import SUMS
from tinycl.infer import Observed, infer
from tinycl.infer.candidates import contract_of, row_of
from tinycl.ops import TABLE
from tinycl.testing.strategies import contracts


def under(contract, kind, inputs, attrs):
    """Return what the specification gives, as a tuple."""
    result = TABLE[kind].function(*inputs, **attrs, contract=contract)
    return result if isinstance(result, tuple) else (result,)


def same(ours, theirs):
    """Tell whether two tuples of tensors have the same bits."""
    return all(bits.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def normal(seed, *shape):
    """Draw ordinary values."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@settings(max_examples=80)
@given(st.data(), st.sampled_from([*sorted(SUMS), "top_k", "mac"]), contracts())
def test_every_bit_is_reproduced(data, kind, drawn):
    inputs, attrs = data.draw(CASES[kind])
    got = under(drawn, kind, inputs, attrs)
    found = infer([Observed(kind, inputs, attrs, got)])
    assert found.contract is not None, found.told
    for contract in (found.contract, *found.others):
        assert same(under(contract, kind, inputs, attrs), got)


LAYERS = {
    "conv2d_forward": (
        (normal(0, 2, 5, 7, 6), normal(1, 4, 5, 3, 2), normal(2, 4)),
        {"stride": (2, 1), "padding": (1, 0, 2, 1)},
    ),
    "conv2d_weight_grad": (
        (normal(0, 2, 2, 6, 5), normal(1, 2, 4, 6, 5)),
        {"kernel": (3, 3), "stride": (1, 1), "padding": (1, 1, 1, 1)},
    ),
    "conv2d_input_grad": (
        (normal(0, 5, 3, 3, 3), normal(1, 2, 5, 7, 6)),
        {"size": (7, 6), "stride": (1, 1), "padding": (1, 1, 1, 1)},
    ),
    "depthwise_forward": (
        (normal(0, 2, 5, 7, 6), normal(1, 5, 3, 5), normal(2, 5)),
        {"stride": (1, 1), "padding": (1, 1, 2, 2)},
    ),
    "depthwise_weight_grad": (
        (normal(0, 2, 3, 6, 5), normal(1, 2, 3, 6, 5)),
        {"kernel": (3, 3), "stride": (1, 1), "padding": (1, 1, 1, 1)},
    ),
    "depthwise_input_grad": (
        (normal(0, 5, 3, 5), normal(1, 2, 5, 7, 6)),
        {"size": (7, 6), "stride": (1, 1), "padding": (1, 1, 2, 2)},
    ),
    "pointwise_forward": ((normal(0, 2, 37, 3, 2), normal(1, 5, 37), normal(2, 5)), {}),
    "pointwise_weight_grad": ((normal(0, 3, 5, 4, 5), normal(1, 3, 4, 4, 5)), {}),
    "pointwise_input_grad": ((normal(0, 29, 5), normal(1, 2, 29, 3, 2)), {}),
    "linear_forward": ((normal(0, 5, 61), normal(1, 6, 61), normal(2, 6)), {}),
    "linear_weight_grad": ((normal(0, 41, 5), normal(1, 41, 6)), {}),
    "linear_input_grad": ((normal(0, 43, 7), normal(1, 6, 43)), {}),
    "linear_bias_grad": ((normal(0, 53, 17),), {}),
    "conv2d_bias_grad": ((normal(0, 3, 11, 5, 7),), {}),
}
LEGITIMATE = (
    "default",
    "mac=mul_add",
    "reduction=lanes(4,left)",
    "mac=mul_add reduction=lanes(8,pairwise) start=first_product",
    "reduction=split(4)",
    "mac=mul_add reduction=blocks(7) bias=start",
    "reduction=grouped(3) taps=spatial_major input_grad_taps=by_weight",
    "batch=per_sample padding=skip",
)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("text", LEGITIMATE)
def test_a_legitimate_difference_is_named(kind, text):
    inputs, attrs = LAYERS[kind]
    drawn = Contract.parse(text)
    got = under(drawn, kind, inputs, attrs)
    found = infer([Observed(kind, inputs, attrs, got)])
    assert found.contract is not None, found.told
    assert found.certain, found.told
    assert not found.untried
    assert same(under(found.contract, kind, inputs, attrs), got)
    told = "explained by default" if same(under(DEFAULT, kind, inputs, attrs), got) else "explained"
    assert told in found.told
    # The same contract for other data, too: not one that fits these by chance.
    others = tuple(np.flip(t).copy() for t in inputs)
    again = under(drawn, kind, others, attrs)
    assert same(under(found.contract, kind, others, attrs), again)


@settings(max_examples=50)
@given(st.sampled_from(sorted(LAYERS)), contracts())
def test_any_contract_of_a_layer_is_found(kind, drawn):
    inputs, attrs = LAYERS[kind]
    got = under(drawn, kind, inputs, attrs)
    found = infer([Observed(kind, inputs, attrs, got)])
    assert found.contract is not None, found.told
    assert same(under(found.contract, kind, inputs, attrs), got)
    # All that is drawn but the fields that are said not to be told.
    seen = Observed(kind, inputs, attrs, got).fields() - set(found.open) - {"reduction"}
    for name in seen & {"taps", "input_grad_taps"}:
        if found.certain and not found.others:
            assert getattr(found.contract, name) == getattr(drawn, name)


def faults(kind, inputs, attrs, contract):
    """Yield what a kernel with one planted fault gives."""
    for name, spoilt in (
        ("a term dropped", lambda t: np.where(np.arange(t.shape[-1]) == t.shape[-1] - 1, 0, t)),
        ("two terms swapped on one side", lambda t: t[..., ::-1]),
        ("an index off by one", lambda t: np.roll(t, 1, axis=-1)),
    ):
        first = spoilt(inputs[0]).astype(np.float32)
        yield name, under(contract, kind, (first, *inputs[1:]), attrs)
    whole = [t.copy() for t in under(contract, kind, inputs, attrs)]
    whole[0].ravel()[-1] = np.nextafter(whole[0].ravel()[-1], np.float32(np.inf))
    yield "one ulp in the last element", whole


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("text", ["default", "mac=mul_add reduction=lanes(4,left)"])
def test_a_fault_is_no_contract(kind, text):
    inputs, attrs = LAYERS[kind]
    contract = Contract.parse(text)
    right = under(contract, kind, inputs, attrs)
    for name, got in faults(kind, inputs, attrs, contract):
        if same(got, right):
            continue
        found = infer([Observed(kind, inputs, attrs, got)])
        if len(inputs) == 1 and "dropped" not in name and "ulp" not in name:
            continue  # a bias gradient of turned data may be a sum in another order
        assert found.contract is None or not found.certain, (name, found.told)
        if found.contract is None:
            assert found.rest.differing > 0
            assert found.rest.difference is not None
            assert "no contract explains it" in found.told
            if name.startswith("one ulp"):
                assert found.rest.differing == 1
                assert found.rest.difference.first.index == tuple(n - 1 for n in got[0].shape)


@settings(max_examples=60)
@given(contracts())
def test_a_row_is_its_contract(contract):
    assert contract_of(row_of(contract)) == contract


@pytest.mark.parametrize("value", [0.0, 1.0, -2.0])
def test_constant_data_tell_nothing_or_little(value):
    x, w = np.full((3, 8), value, np.float32), np.full((2, 8), value, np.float32)
    (got,) = under(DEFAULT, "linear_forward", (x, w), {})
    found = infer([Observed("linear_forward", (x, w), {}, got)])
    assert found.contract == DEFAULT
    assert not found.evidence
    assert not found.certain
    assert "the data tell nothing" in found.told


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_inf(value):
    x, w = normal(0, 4, 9), normal(1, 5, 9)
    x[1, 3] = value
    drawn = Contract(reduction="lanes(4,left)", mac="mul_add")
    got = under(drawn, "linear_forward", (x, w), {})
    found = infer([Observed("linear_forward", (x, w), {}, got)])
    assert found.contract.reduction == drawn.reduction
    assert found.contract.mac == "mul_add"
    bad = got[0].copy()
    bad[1, 1] = 0  # a NaN or Inf swallowed
    assert infer([Observed("linear_forward", (x, w), {}, bad)]).contract is None


@pytest.mark.parametrize("terms", [1, 2, 3])
def test_few_terms(terms):
    x, w, bias = normal(0, 6, terms), normal(1, 5, terms), normal(2, 5)
    for text in ("default", "mac=mul_add", "bias=start", "reduction=lanes(2,left)"):
        got = under(Contract.parse(text), "linear_forward", (x, w, bias), {})
        found = infer([Observed("linear_forward", (x, w, bias), {}, got)])
        assert same(under(found.contract, "linear_forward", (x, w, bias), {}), got)


def test_one_number_off_by_chance_is_not_certain():
    # One output: among so many contracts one gives nearly any value close by.
    x, w = normal(0, 1, 64), normal(1, 1, 64)
    (right,) = under(DEFAULT, "linear_forward", (x, w), {})
    for ulp in range(1, 6):
        got = (right.view(np.int32) + ulp).view(np.float32)
        found = infer([Observed("linear_forward", (x, w), {}, got)])
        assert found.contract is None or not found.certain


def test_several_calls_narrow_each_other():
    cases = []
    for seed, total in enumerate((24, 36)):
        x, w = normal(seed, 5, total), normal(seed + 9, 6, total)
        got = under(Contract(reduction="split(6)"), "linear_forward", (x, w), {})
        cases.append(Observed("linear_forward", (x, w), {}, got))
    assert str(infer(cases).contract) == "reduction=split(6)"
    assert infer(cases[:1]).contract is not None


@pytest.mark.parametrize("text", ["reduction=blocks(7)", "mac=mul_add reduction=lanes(3,left)"])
def test_the_nearest_may_have_an_unusual_number(text):
    x, w = normal(0, 5, 61), normal(1, 6, 61)
    got = under(Contract.parse(text), "linear_forward", (x, w), {})[0].copy()
    got[2, 3] *= np.float32(0.875)
    found = infer([Observed("linear_forward", (x, w), {}, got)])
    assert found.contract is None
    assert found.nearest == Contract.parse(text)
    assert found.rest.differing == 1
    assert found.rest.difference.first.index == (2, 3)


def test_contracts_that_fit_as_well_are_said():
    # One product, rounded: so it is in blocks of one term, whatever the multiply-add.
    x, w = normal(0, 5, 6), normal(1, 6, 6)
    got = under(Contract(mac="mul_add"), "linear_forward", (x, w), {})
    found = infer([Observed("linear_forward", (x, w), {}, got)])
    assert found.contract == Contract(mac="mul_add")
    assert Contract(reduction="blocks(1)") in found.apart
    assert "and as well by reduction=blocks(1)" in found.told
    for other in found.apart:
        assert same(under(other, "linear_forward", (x, w), {}), got)


def test_subnormals():
    x, w = normal(0, 5, 9) * np.float32(2**-70), normal(1, 6, 9) * np.float32(2**-59)
    got = under(Contract(subnormals="flush"), "linear_forward", (x, w), {})
    found = infer([Observed("linear_forward", (x, w), {}, got)])
    assert found.contract == Contract(subnormals="flush")


def test_selection_order():
    a = np.array([[1, -1, 1, 2, 1, -3]], np.float32)
    got = under(Contract(selection_order="heap"), "top_k", (a,), {"k": 3})
    found = infer([Observed("top_k", (a,), {"k": 3}, got)])
    assert found.contract == Contract(selection_order="heap")
    assert found.certain
    wrong = (got[0], np.array([[3, 5, 1]], np.int32))
    assert infer([Observed("top_k", (a,), {"k": 3}, wrong)]).contract is None


def test_time_that_is_too_short_is_told():
    x, w = normal(0, 3, 4001), normal(1, 3, 4001)
    got = under(Contract(reduction="lanes(1357,pairwise)"), "linear_forward", (x, w), {})
    found = infer([Observed("linear_forward", (x, w), {}, got)], seconds=0.05)
    assert found.contract is None
    assert "not tried in time" in found.told


def test_absurd_input():
    x, w = normal(0, 3, 4), normal(1, 2, 4)
    with pytest.raises(ShapeError, match="nothing to explain"):
        infer([])
    with pytest.raises(ShapeError, match="no operation 'lineal'"):
        Observed("lineal", (x, w), {}, x)
    with pytest.raises(ShapeError, match=r"y is f32 \(3, 2\), got f32 \(2, 3\)"):
        Observed("linear_forward", (x, w), {}, np.zeros((2, 3), np.float32))
    with pytest.raises(ShapeError, match="float64"):
        Observed("linear_forward", (x, w), {}, np.zeros((3, 2)))
    with pytest.raises(ShapeError, match="writes 2 tensors"):
        Observed("top_k", (x,), {"k": 1}, x)
    case = Observed("linear_forward", (x, w), {}, np.zeros((3, 2), np.float32))
    with pytest.raises(ShapeError, match="above 0 seconds"):
        infer([case], seconds=0)
    with pytest.raises(ShapeError, match="nothing that came out"):
        Observed("linear_forward", (x, w), {}, (None,))
