"""The catalogue holds what it should, and what it holds tells right from wrong."""

import re
import time
from collections import defaultdict

import numpy as np
import pytest

import tinycl
from tinycl.bits import equal, words
from tinycl.errors import FileError
from tinycl.golden.catalogue import FAMILIES, catalogue, select
from tinycl.golden.catalogue.case import Case
from tinycl.golden.catalogue.patterns import PATTERNS, triples
from tinycl.golden.catalogue.values import REGIMES, hard, plain
from tinycl.golden.image import image
from tinycl.golden.make import make
from tinycl.ops import TABLE
from tinycl.plan import check_inputs

LIMIT = 8_000_000


def operations(case: Case) -> set[str]:
    plan, _, _ = case.build()
    return {op.kind for body in plan.bodies.values() for op in body.ops}


def test_names_are_unique_and_say_what_they_are() -> None:
    cases = [case for family in FAMILIES for case in family.cases()]
    assert len(cases) == len(catalogue()) >= 200
    for case in cases:
        assert re.fullmatch(r"[a-z0-9_]+/[a-z0-9_]+_(plain|hard)", case.name), case.name
    assert len({case.seed for case in cases}) == len(cases)


def test_listing_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a case was built")

    monkeypatch.setattr(Case, "build", refuse)
    begun = time.perf_counter()
    catalogue()
    assert time.perf_counter() - begun < 1


def test_every_operation_has_plain_and_hard_cases_of_its_own() -> None:
    found = defaultdict(set)
    for name, case in catalogue().items():
        kind, _, label = name.partition("/")
        if kind != "training":
            assert operations(case) == {kind}, name
        for operation in operations(case):
            found[operation].add(label.rpartition("_")[2])
        if kind in TABLE:
            found[kind].add("alone")
    assert dict(found) == {kind: {"plain", "hard", "alone"} for kind in TABLE}


def test_a_kernel_with_an_attribute_built_in_differs() -> None:
    """Every attribute has two values, and every optional tensor is there and not there."""
    values, given = defaultdict(set), defaultdict(set)
    for case in catalogue().values():
        plan, _, _ = case.build()
        for op in (op for body in plan.bodies.values() for op in body.ops):
            row = TABLE[op.kind]
            for name, value in row.attributes(op.attrs).items():
                values[op.kind, name].add(value)
            inputs = [*op.inputs, *[None] * (len(row.inputs) - len(op.inputs))]
            for arg, name in zip(row.inputs, inputs, strict=True):
                if arg.optional:
                    given[op.kind, arg.name].add(name is not None)
    assert {key for key, found in values.items() if len(found) < 2} == set()
    assert {key for key, found in given.items() if len(found) < 2} == set()


def test_corrections_of_a_normalisation_come_alone_too() -> None:
    for kind in ("normalise_forward", "normalise_weight_grad"):
        found = set()
        for case in select([f"{kind}/*"]).values():
            _, inputs, _ = case.build()
            found.add(("r" in inputs, "d" in inputs))
        assert len(found) == 4, kind


def test_some_labels_are_of_no_class() -> None:
    labels = [c.build()[1]["labels"] for c in select(["class_counts/*"]).values()]
    assert any((each == -1).any() for each in labels)


def test_cases_are_the_same_each_time_and_fit_their_plans() -> None:
    for name, case in catalogue().items():
        (plan, inputs, seed), (again, same, _) = case.build(), case.build()
        assert (plan, seed) == (again, case.seed), name
        check_inputs(plan, inputs)
        assert all(equal(inputs[key], same[key]) for key in inputs), name


# Whole numbers of a few survivors, and what tells how many there are, agree by chance.
FEW = ("count", "wanted", "ratio", "peak", "trained", "effort", "index", "kept_outputs")
# Scales under which all levels are 0, and all products -0.
LEVELS = ("quantise_latents/zero_", "quantise_latents/infinite_", "dequantise_latents/four_bits_")
SKIPPED = ("dweight", "dbias", "dx", "magnitude")  # of a batch in which no sample trains

# What a normalisation begins with in each channel.
BEGIN_EQUAL = (".gamma", ".beta", ".moving_mean", ".moving_var", ".moving_std")
# Normalisations whose moving statistics stay as they begin.
FROZEN = ("frozen0.batch_norm1", "batch_norm5")


def may_be_constant(case: str, tensor: str) -> bool:
    """What `clear` leaves, and the zeros with which gradient totals and optimisers begin."""
    if case.startswith("training/"):
        first = tensor.startswith("input/")
        still = tensor.rpartition("/")[2].removeprefix("evaluate.").startswith(FROZEN)
        if (first or still) and tensor.endswith((*BEGIN_EQUAL, ".std")):
            return True
        states = (".total", ".velocity", ".m", ".v")
        few = (*FEW, *(SKIPPED if "tinypropv2" in case else ()))
        sparse = "/sparse_" in case and tensor.rpartition(".")[2].endswith(few)
        return ".clear/" in tensor or first and tensor.endswith(states) or sparse
    if tensor.endswith("/effort"):
        return not case.startswith("depthwise") or "unified" in case
    if case.startswith("int8_"):
        return tensor == "input/shift"
    if case.startswith("top_k/"):
        return tensor.endswith("/count") and "wanted" not in case
    if "/skipped_" in case:
        return tensor == "input/trained"
    if case.startswith(LEVELS):
        return tensor.endswith(("/packed", "/x")) and tensor != "input/x"
    return case.startswith("clear/") and not tensor.startswith("input/")


def test_no_tensor_is_constant_but_those_that_must_be(suite) -> None:
    for name, golden in suite.items():
        for key, value in golden.everything.items():
            constant = value.size > 1 and len(np.unique(words(value))) == 1
            assert not constant or may_be_constant(name, key), (name, key)


def test_suite_is_small(suite) -> None:
    sizes = {name: len(image(golden)) for name, golden in suite.items()}
    assert sum(sizes.values()) < LIMIT
    data = sum(v.nbytes for golden in suite.values() for v in golden.everything.values())
    assert sum(sizes.values()) < data + 7000 * len(suite)


def test_goldens_are_as_they_were_made(suite) -> None:
    assert not [name for name, golden in suite.items() if golden.altered]


def test_hard_cases_hold_hard_values(suite) -> None:
    found = defaultdict(set)
    for name, golden in suite.items():
        if not name.endswith("_hard"):
            continue
        for value in golden.inputs.values():
            if value.dtype == np.float32:
                bits = value.view(np.uint32)
                kinds = {
                    "subnormal": ((bits & 0x7F800000) == 0) & ((bits & 0x007FFFFF) != 0),
                    "negative zero": bits == 0x80000000,
                    "NaN": np.isnan(value),
                    "infinity": np.isinf(value),
                }
                found[name.partition("/")[0]] |= {k for k, there in kinds.items() if there.any()}
    for kind in TABLE:
        if sum(arg.dtype == "f32" and arg.axes != "one" for arg in TABLE[kind].inputs):
            assert found[kind] >= {"subnormal", "negative zero"}, kind
    assert sum("NaN" in kinds for kinds in found.values()) > 35
    assert sum("infinity" in kinds for kinds in found.values()) > 35


FAMILIES_OF_SUMS = ("conv2d", "depthwise", "pointwise", "linear", "sparse_bias", "sampled_bias")
REDUCTIONS = [k for k in TABLE if k.startswith(FAMILIES_OF_SUMS)]
OTHER_ORDERS = {
    "lanes": {"reduction": "lanes(2,left)"},
    "pairwise": {"reduction": "lanes(4,pairwise)"},
    "grouped": {"reduction": "grouped(4)"},
    "blocks": {"reduction": "blocks(3)"},
    "split": {"reduction": "split(2)"},
    "first_product": {"start": "first_product"},
    "flush": {"subnormals": "flush"},
}


@pytest.mark.parametrize("kind", REDUCTIONS)
def test_cases_tell_contracts_apart(kind: str) -> None:
    """A kernel that rounds or adds otherwise than it should cannot pass all cases."""
    wrong = dict(OTHER_ORDERS)
    if not kind.endswith("bias_grad"):
        wrong["mul_add"] = {"mac": "mul_add"}
    if kind.endswith("forward"):
        wrong["early bias"] = {"bias": "start"}
    if kind.endswith("weight_grad"):
        wrong["per sample"] = {"batch": "per_sample"}
    if kind.startswith(("conv2d", "depthwise")) and not kind.endswith("bias_grad"):
        wrong["skip"] = {"padding": "skip"}
        if kind.endswith("input_grad"):
            wrong["by weight"] = {"input_grad_taps": "by_weight"}
    if kind == "conv2d_forward":
        wrong["spatial"] = {"taps": "spatial_major"}
    for case in select([f"{kind}/*_hard"]).values():
        plan, inputs, _ = case.build()
        right = tinycl.run(plan, inputs, checked=False, contract=case.contract).outputs
        for name, change in list(wrong.items()):
            changed = case.contract.but(**change)
            other = tinycl.run(plan, inputs, checked=False, contract=changed).outputs
            if not all(equal(right[key], other[key]) for key in right):
                del wrong[name]
    assert not wrong


MULTIPLY_AND_ADD = {
    "channel_moments": "var",
    "moving_average": "m",
    "normalise_forward": "y",
    "normalise_weight_grad": "dgamma",
    "batch_norm_input_grad": "dx",
    "fold_norm": "shift",
    "channel_scale_gate_grad": "ds",
}


@pytest.mark.parametrize("kind", MULTIPLY_AND_ADD)
def test_cases_tell_other_operators_apart(kind: str) -> None:
    """Two roundings in place of one, and flushed numbers, show in each of the outputs named."""
    for change in ({"mac": "mul_add"}, {"subnormals": "flush"}):
        seen = False
        for case in select([f"{kind}/*_hard"]).values():
            plan, inputs, _ = case.build()
            right, other = (
                tinycl.run(plan, inputs, checked=False, contract=c).outputs
                for c in (case.contract, case.contract.but(**change))
            )
            name = MULTIPLY_AND_ADD[kind]
            seen = seen or not equal(right[name], other[name])
        assert seen, change


def test_values_are_as_they_say() -> None:
    assert not np.isnan(plain(1, 0, (999,))).any()
    assert abs(float(plain(1, 0, (9999,)).mean()) - 0.25) < 0.02
    tiny = hard(1, 0, (999,), "subnormal")
    assert ((tiny != 0) & (np.abs(tiny) < 2.0**-126)).any()
    for regime in REGIMES:
        assert (hard(1, 0, (999,), regime).view(np.uint32) == 0x80000000).any()
    with np.errstate(all="ignore"):
        product = hard(1, 0, (999,), "underflow") * hard(1, 1, (999,), "underflow")
    assert ((product != 0) & (np.abs(product) < 2.0**-126)).any()


def test_triples_cancel_and_tie() -> None:
    assert len(PATTERNS) == 52
    a, b, c = triples(3, count=100)
    two_roundings = a[100:200] * b[100:200] + c[100:200]
    assert (two_roundings == 0).all()
    exact = a[200:].astype(np.float64) * b[200:]
    below, above = exact.astype(np.float32), np.nextafter(exact.astype(np.float32), np.float32(4))
    halfway = (exact - below) == (above - exact.astype(np.float64))
    lower = np.nextafter(below, np.float32(0)).astype(np.float64)
    assert (halfway | (exact - lower == below - exact)).mean() > 0.9


def test_select_takes_names_and_globs() -> None:
    assert len(select([])) == len(catalogue())
    assert set(select(["sgd/*", "clear/all_plain"])) == {
        *(n for n in catalogue() if n.startswith("sgd/")),
        "clear/all_plain",
    }
    with pytest.raises(FileError, match=r"no case matches 'conv9d\*'"):
        select(["sgd/*", "conv9d*"])


def test_a_case_can_be_made_alone() -> None:
    name = "training/linear_sgd_plain"
    assert make(catalogue()[name]).name == name
