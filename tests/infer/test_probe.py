"""Dot products with a planted tree, rounding, start and flushing: what the probe reads off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinycl.contract import Contract
from tinycl.infer import ProbeError, dot_of_matmul, probe
from tinycl.infer.draw import drawing
from tinycl.infer.tree import Terms, leaves_of, read_tree, text_of
from tinycl.ops import linear_forward


def specified(contract):
    """Return the specification's dot product under a contract."""

    def dot(a, b, *bias):
        given_bias = (np.array(bias, np.float32),) if bias else ()
        return linear_forward(a[None], b[None], *given_bias, contract=contract)[0, 0]

    return dot


def rounded(tree):
    """Return a dot product that rounds each product and adds as a tree of numbers says."""

    def dot(a, b):
        def value(node):
            if isinstance(node, int):
                return np.float32(a[node] * b[node])
            total = value(node[0])
            for part in node[1:]:
                total = np.float32(total + value(part))
            return total

        return value(tree)

    return dot


def shape(tree):
    """Return a tree without the order of the two parts of a sum."""
    return tree if isinstance(tree, int) else frozenset(shape(part) for part in tree)


@st.composite
def trees(draw):
    """Draw a binary tree over all numbers below some K."""
    parts = list(draw(st.permutations(range(draw(st.integers(1, 12))))))
    while len(parts) > 1:
        i = draw(st.integers(0, len(parts) - 1))
        left = parts.pop(i)
        j = draw(st.integers(0, len(parts) - 1))
        parts.append((left, parts.pop(j)))
    return parts[0]


@settings(max_examples=60)
@given(trees())
def test_any_tree_is_read(tree):
    count = len(list(leaves_of(tree)))
    found = read_tree(Terms(rounded(tree), count, False))
    assert shape(found) == shape(tree)


TREES = {
    "default": "0 + 1 + ... + 12",
    "mac=mul_add reduction=lanes(4,left)": (
        "0 + 4 + 8 + 12 + (1 + 5 + 9) + (2 + 6 + 10) + (3 + 7 + 11)"
    ),
    "reduction=lanes(4,pairwise) start=first_product": (
        "0 + 4 + 8 + 12 + (1 + 5 + 9) + (2 + 6 + 10 + (3 + 7 + 11))"
    ),
    "mac=mul_add reduction=blocks(5)": "0 + 1 + ... + 4 + (5 + 6 + ... + 9) + (10 + 11 + 12)",
    "reduction=grouped(3)": "0 + 1 + 2 + (3 + 4 + 5) + (6 + 7 + 8) + (9 + 10 + 11) + 12",
    "reduction=split(2) mac=fma_via_double": "0 + 1 + ... + 6 + (7 + 8 + ... + 12)",
    "start=first_product": "0 + 1 + ... + 12",
    "subnormals=flush": "0 + 1 + ... + 12",
}


@pytest.mark.parametrize("text", TREES)
def test_a_contract_is_read(text):
    drawn = Contract.parse(text)
    found = probe(specified(drawn), 13)
    assert text_of(found.tree) == TREES[text]
    answer = found.answer
    fits = [answer.contract, *answer.others]
    fits += [answer.contract.but(reduction=r) for r in answer.open.get("reduction", ())]
    assert drawn in fits, answer.told
    assert answer.certain
    assert found.keeps_negative_zero == (drawn.start == "first_product")
    assert (found.flushes_inputs, found.flushes_results) == (drawn.subnormals == "flush",) * 2
    assert (found.products == "rounded") == (drawn.mac == "mul_add")


@pytest.mark.parametrize("mac", ["fma", "mul_add", "fma_via_double"])
@pytest.mark.parametrize(("place", "said"), [("after", "last"), ("start", "first")])
def test_where_a_bias_enters(mac, place, said):
    drawn = Contract(mac=mac, bias=place)
    found = probe(specified(drawn), 9, bias=True)
    assert found.bias == said
    assert found.answer.contract == drawn
    assert "bias" in found.text


def test_the_other_order_is_no_contract():
    found = probe(rounded(((((5, 4), 3), 2), 1, 0)), 6)
    assert text_of(found.tree).endswith("3 + 2 + 1 + 0")
    assert found.answer.contract is None
    assert "no contract" in found.text


def test_flushing_of_results_only():
    def dot(a, b):
        total = np.float32(0)
        for product in a * b:
            total = np.float32(total + product)
            if abs(total) < 2.0**-126:
                total = np.float32(np.copysign(0, total))
        return total

    found = probe(dot, 5)
    assert (found.flushes_inputs, found.flushes_results) == (False, True)
    assert found.answer.contract is None
    assert found.answer.nearest == Contract(mac="mul_add")


@pytest.mark.parametrize(
    "dot",
    [
        lambda a, b: np.float32(sum(a.astype(np.float64) * b)),
        lambda a, b: np.float32(sum((a * b).astype(np.float64))),
    ],
)
def test_wide_sums(dot):
    found = probe(dot, 7)
    assert found.products == "wide"
    assert found.answer.contract is None


def test_terms_that_are_missing_or_counted_twice():
    found = probe(lambda a, b: rounded(((0, 1), 2))(a, b), 5)
    assert found.missing == (3, 4)
    assert found.tree is None
    assert found.answer is None
    assert "(3, 4)" in found.text
    assert probe(lambda a, b: rounded((((0, 1), 2), 2))(a, b), 3).doubled == (2,)


def test_one_matmul_element():
    dot = dot_of_matmul(
        lambda x, y: linear_forward(
            x, np.ascontiguousarray(y.T), contract=Contract(reduction="lanes(2,left)")
        ),
        3,
        4,
        (2, 1),
    )
    found = probe(dot, 10)
    assert found.tree == ((((((0, 2), 4), 6), 8)), ((((1, 3), 5), 7), 9))
    assert found.answer.contract.reduction.kind == "lanes"


def test_a_tree_is_drawn():
    assert drawing(0) == "0"
    assert drawing(((0, 2), (1, 3)), 3) == "+\n├─ 0\n├─ 2\n└─ +\n   ├─ 1\n   └─ bias"
    assert drawing((((0, 1), (2, 3)), 4)) == "+\n├─ 0\n├─ 1\n├─ +\n│  ├─ 2\n│  └─ 3\n└─ 4"
    assert drawing(((0, 1, 2), 3)) == "+\n├─ all at once\n│  ├─ 0\n│  ├─ 1\n│  └─ 2\n└─ 3"
    assert probe(specified(Contract()), 60).drawn == "0 + 1 + ... + 59"


@pytest.mark.parametrize("length", [1, 2])
def test_few_terms(length):
    found = probe(specified(Contract(mac="mul_add")), length)
    assert found.answer.contract is not None
    assert found.products == ("unknown", "rounded")[length - 1]


def test_a_fused_pair_shows_its_order():
    turned = specified(Contract())
    found = probe(lambda a, b: turned(a[::-1], b[::-1]), 2)
    assert found.tree == (1, 0)
    assert found.products == "fused"


@pytest.mark.parametrize(
    ("dot", "length", "message"),
    [
        (lambda a, b: np.float32(0), 0, "1 to 512"),
        (lambda a, b: np.float32(0), 2.0, "1 to 512"),
        (lambda a, b: a, 3, "one float"),
        (lambda a, b: 1, 3, "one float"),
        (lambda a, b: np.abs(a * b).sum(), 3, "no sum in a fixed tree"),
        (lambda a, b: np.float32(np.nan), 3, "no sum"),
    ],
)
def test_absurd_functions(dot, length, message):
    if message == "no sum":
        assert probe(dot, length).doubled == (0, 1, 2)
        return
    with pytest.raises(ProbeError, match=message):
        probe(dot, length)
