"""Values that came, against those expected: which are beyond what rounding can explain.

Bits are what counts. But a kernel that adds in another order has other bits and no fault, so where
bits differ, this says whether the value lies within the error bound of any order of its terms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array, words
from tinycl.contract import DEFAULT, Contract
from tinycl.validate.case import Case, Tensors, compute

Mask = NDArray[np.bool_]
EPSILON = 2.0**-23
SMALLEST = 2.0**-120  # what subnormals, flushed or kept, can amount to
SMOOTH = 2.0**-12  # of another exp, log or division
FLUSHED = Contract(subnormals="flush")
HEAP = Contract(selection_order="heap")
EXCUSES = (
    Contract(padding="skip"),
    Contract(start="first_product"),
    Contract(padding="skip", start="first_product"),
    Contract(bias="start"),
    Contract(padding="skip", bias="start"),
)


@dataclass(frozen=True)
class Verdict:
    """What is wrong with one output: ``value``, ``nan``, ``zero`` (its sign) or ``bits``.

    Attributes
    ----------
    kind : str
    tensor : str
    place : tuple of int
        The first such element, as in CHW.
    count, total : int
    expected, got : float or int
    """

    kind: str
    tensor: str
    place: tuple[int, ...]
    count: int
    total: int
    expected: float
    got: float


def judge(case: Case, got: Tensors, expected: Tensors | None = None) -> Verdict | None:
    """Compare all outputs; the gravest difference comes first.

    Parameters
    ----------
    case : Case
    got : mapping of str to ndarray
    expected : mapping of str to ndarray, optional
        Instead of what the specification says of the case.
    """
    wanted = case.expected() if expected is None else expected
    if all(np.array_equal(words(got[n]), words(wanted[n])) for n in case.outputs):
        return None
    found: list[Verdict] = []
    bounds = _bounds(case)
    for name in sorted(case.outputs, key=lambda n: wanted[n].dtype == np.int32):
        a, b = wanted[name], got[name]
        differ = words(a) != words(b)
        if not differ.any():
            continue
        if a.dtype == np.int32:
            if any(v.kind != "bits" for v in found):  # the index of a maximum that was lost
                continue
            other = [FLUSHED] * (case.values == "hard") + [HEAP] * (case.name == "top_k")
            alike = any(np.array_equal(case.expected(contract)[name], b) for contract in other)
            alike = alike or _same_sets(case, a, b)
            found.append(_verdict("bits" if alike else "value", name, differ, a, b))
            continue
        for kind, mask in _masks(case, name, a, b, bounds[name]).items():
            if (mask & differ).any():
                found.append(_verdict(kind, name, mask & differ, a, b))
    return min(found, key=lambda v: ("value", "nan", "zero", "bits").index(v.kind))


def _verdict(kind: str, name: str, mask: Mask, a: Array, b: Array) -> Verdict:
    place = tuple(int(i) for i in np.argwhere(mask)[0])
    return Verdict(kind, name, place, int(mask.sum()), mask.size, a[place].item(), b[place].item())


def _masks(case: Case, name: str, a: Array, b: Array, bound: Array) -> dict[str, Mask]:
    """Return, for each kind of difference, the elements that have it."""
    kind, every = case.kernel.kind, np.ones(a.shape, np.bool_)
    with np.errstate(all="ignore"):
        far = np.abs(a.astype(np.float64) - b) > bound
        if far.any() and case.values == "hard":
            flushed = case.expected(FLUSHED)[name]
            far &= (np.abs(flushed.astype(np.float64) - b) > bound) | ~np.isfinite(flushed)
    if case.values == "hard" and kind != "exact":
        far |= np.isnan(b)
        far &= np.isfinite(a) & np.isfinite(bound)  # an order may overflow where another does not
        return {"value": far, "bits": every}
    lost = np.isnan(a) != np.isnan(b)
    infinite = (np.isinf(a) | np.isinf(b)) & (a != b) & ~lost
    signs = (a == 0) & (b == 0) & (np.signbit(a) != np.signbit(b))
    excuses = {"sum": EXCUSES, "exact": (FLUSHED,), "smooth": ()}[kind]
    if (lost | infinite | signs).any():
        for contract in excuses:
            other = case.expected(contract)[name]
            lost = lost & (np.isnan(other) != np.isnan(b))
            infinite = infinite & (other != b)
            signs = signs & (np.signbit(other) != np.signbit(b))
    if kind == "smooth":
        signs = ~every
    value = (far & np.isfinite(bound) | infinite) & ~lost
    if case.kernel.family == "elements":  # a comparison with NaN that went the other way
        unordered = np.any([np.isnan(x) for x in case.data().values()], axis=0)
        value, lost = value & ~unordered, lost | value & unordered
    return {"value": value, "nan": lost, "zero": signs, "bits": every}


def _same_sets(case: Case, a: Array, b: Array) -> bool:
    """Tell whether rows have the same survivors in another order."""
    return case.name == "top_k" and np.array_equal(np.sort(a, -1), np.sort(b, -1))


def _bounds(case: Case) -> Tensors:
    """Return, for each output, how far any order and rounding can lead away."""
    kernel, expected = case.kernel, case.expected()
    if kernel.kind == "exact":
        return {name: np.zeros(value.shape) for name, value in expected.items()}
    if kernel.kind == "smooth":
        return {n: SMOOTH * (np.abs(v.astype(np.float64)) + 1) for n, v in expected.items()}
    operands = [None if t is None else _magnitude(t) for t in case.operands(case.data())]
    other = {"lr": -case.rates()["lr"]} if kernel.name == "sgd" else {}
    sizes = compute(case, operands, DEFAULT, **other)
    scale = (kernel.terms(case.size) + 8) * EPSILON
    with np.errstate(all="ignore"):
        return {n: scale * sizes[n].astype(np.float64) + SMALLEST for n in expected}


def _magnitude(value: Array) -> Array:
    if value.dtype == np.int32:
        return value
    return np.where(np.isfinite(value), np.abs(value), 0).astype(np.float32)
