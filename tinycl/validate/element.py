"""One element of a kernel's output as a dot product that `tinycl.infer.probe` can call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.errors import TinyclError
from tinycl.infer import Probed, ProbeError, probe
from tinycl.infer.terms import gather
from tinycl.infer.tree import MOST_TERMS
from tinycl.num.arithmetic import F32Array
from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.check import once
from tinycl.validate.client import Client, Crash, Hang
from tinycl.validate.table import KERNELS, STRUCTS

MOST_PLACES = 4096
PROBED = tuple(
    name
    for name, kernel in KERNELS.items()
    if kernel.family in ("conv2d", "depthwise", "pointwise", "linear", "matmul")
    and not name.endswith("bias_grad")
)
Sizes = dict[str, int]
Places = NDArray[np.int64]


def case_of(name: str, about: About, terms: int, cores: int, own: Mapping[str, int]) -> Case:
    """Return a small case whose outputs have about so many terms, without padding.

    Parameters
    ----------
    name : str
        One of `PROBED`, or a bias gradient.
    about : About
    terms, cores : int
    own : mapping of str to int
        Sizes that are to be as they say.

    Raises
    ------
    TinyclError
        A size that the kernel does not have, or one that is too large to be probed.
    """
    kernel = KERNELS[name]
    fields = STRUCTS[kernel.family].split()
    size = {field: 1 for field in fields} | _sizes(name, terms)
    size |= {f: 0 for f in fields if f.startswith(("pad_", "transpose_"))}
    free = [f for f in fields if f not in ("ho", "wo") and not f.startswith("transpose_")]
    for field, value in own.items():
        if field not in free:
            told = ", ".join(free)
            raise TinyclError(f"infer: {name} has no size {field!r} to set; it has {told}")
        size[field] = value
    if "kh" in size:
        for axis, k, stride, edges in (
            ("h", "kh", "stride_h", ("pad_top", "pad_bottom")),
            ("w", "kw", "stride_w", ("pad_left", "pad_right")),
        ):
            room = size[axis] + sum(size[e] for e in edges) - size[k]
            if room < 0:
                raise TinyclError(f"infer: {name}: {k} = {size[k]} is larger than the image")
            size[f"{axis}o"] = room // size[stride] + 1
    sums, places = kernel.terms(size), int(np.prod(kernel.shape(kernel.outputs[0], size)))
    if not (1 <= sums <= MOST_TERMS and 1 <= places <= MOST_PLACES):
        raise TinyclError(
            f"infer: {name}: the probe takes 1 to {MOST_TERMS} terms and up to {MOST_PLACES} "
            f"output elements; these sizes have {sums} and {places}"
        )
    bias = kernel.optional == "bias" and not about.has("no_bias")
    return Case(name, tuple((f, size[f]) for f in fields), bias, "plain", 0, cores)


def _sizes(name: str, terms: int) -> Sizes:
    channels = -(-terms // 9)
    strip = {"h": 4, "w": 1 + -(-terms // 3), "kh": 2, "kw": 2}
    image = {"h": 5, "w": 5, "kh": 3, "kw": 3}
    forms: dict[str, Sizes] = {
        "matmul": {"m": 3, "k": terms, "n": 5},
        "linear_forward": {"fi": terms, "fo": 5},
        "linear_weight_grad": {"n": terms, "fi": 3, "fo": 5},
        "linear_input_grad": {"fi": 5, "fo": terms},
        "pointwise_forward": {"ci": terms, "co": 5, "h": 3, "w": 2},
        "pointwise_weight_grad": {"ci": 3, "co": 5, "h": 1, "w": terms},
        "pointwise_input_grad": {"ci": 5, "co": terms, "h": 3, "w": 2},
        "conv2d_forward": image | {"ci": channels, "co": 2},
        "conv2d_input_grad": image | {"ci": 2, "co": channels},
        "depthwise_forward": image | {"c": 2},
        "depthwise_input_grad": image | {"c": 2},
        "conv2d_weight_grad": strip | {"ci": 2, "co": 2},
        "depthwise_weight_grad": strip | {"c": 2},
        "conv2d_bias_grad": strip | {"co": 3},
        "linear_bias_grad": {"n": terms, "fo": 5},
    }
    return forms[name]


@dataclass(frozen=True, eq=False)
class Element:
    """An output element, and where its factors lie.

    Attributes
    ----------
    client : Client
    about : About
    case : Case
    place : tuple of int
        As in CHW.
    factors : ndarray of int64, shape (2, T)
        Places among the elements of both inputs, put one behind the other.
    turned : ndarray of int64, shape (T,)
        The terms in the other order of ``taps`` or ``input_grad_taps``.
    """

    client: Client
    about: About
    case: Case
    place: tuple[int, ...]
    factors: Places
    turned: Places

    @property
    def length(self) -> int:
        """T, the number of terms."""
        return int(self.factors.shape[1])

    @property
    def bias(self) -> bool:
        """Whether there is a bias."""
        return self.case.kernel.optional == "bias" and self.case.optional

    @property
    def order(self) -> str:
        """The axes over which the terms are numbered: of an input gradient, those of dy."""
        axes = self.case.kernel.sums
        if self.case.name.endswith("input_grad"):
            axes = axes.replace("kh kw", "ho wo")
        return ", ".join(axes.split())

    @property
    def name(self) -> str:
        """The element with its coordinates: ``y[n=0 co=0 ho=0 wo=0]``."""
        output = self.case.outputs[0]
        pairs = zip(self.case.kernel.axes(output), self.place, strict=True)
        return f"{output}[{' '.join(f'{axis}={i}' for axis, i in pairs)}]"

    def case_with(self, a: F32Array, b: F32Array, *bias: np.float32) -> Case:
        """Return the case with these factors of the element, and zeros as all other inputs."""
        case, shapes = self.case, _shapes(self.case)
        flat = np.zeros(sum(int(np.prod(s)) for s in shapes.values()), np.float32)
        flat[self.factors[0]], flat[self.factors[1]] = a, b
        given, begin = [], 0
        for tensor, shape in shapes.items():
            end = begin + int(np.prod(shape))
            value = flat[begin:end].reshape(shape)
            value = value.T if tensor == "b" else value
            given.append((tensor, np.ascontiguousarray(value).tobytes()))
            begin = end
        if bias:
            count = int(np.prod(case.kernel.shape("bias", case.size)))
            given.append(("bias", np.full(count, bias[0], np.float32).tobytes()))
        return case.but(given=tuple(given))

    def __call__(self, a: F32Array, b: F32Array, *bias: np.float32) -> np.float32:
        """Return the element for these factors.

        Raises
        ------
        ProbeError
            The kernel refuses, crashes or hangs.
        """
        case = self.case_with(a, b, *bias)
        try:
            got = once(self.client, case, self.about)
        except (Crash, Hang) as error:
            raise ProbeError(f"probe: {case.name}: {error}") from error
        if got.refused:
            raise ProbeError(
                f"probe: {case.name} refuses {_told(case)}; give it sizes that it takes"
            )
        if got.reply["stuck"]:
            raise ProbeError(f"probe: {case.name}: cores wait at a barrier; see tinycl validate")
        return np.float32(got.outputs[case.outputs[0]][self.place])


def elements(client: Client, case: Case, about: About) -> Iterator[Element]:
    """Yield the first and the last output element all of whose taps lie inside the image.

    Raises
    ------
    ProbeError
        There is none.
    """
    shapes, output = _shapes(case), case.kernel.shape(case.outputs[0], case.size)
    numbers, begin = [], 0
    for shape in shapes.values():
        count = int(np.prod(shape))
        numbers.append(np.arange(begin, begin + count, dtype=np.float32).reshape(shape))
        begin += count
    inputs: list[Array | None] = [*numbers]
    kind, attrs = case.row.name, case.attributes()
    found = gather(kind, inputs, attrs, np.arange(int(np.prod(output))))
    whole = np.flatnonzero(found.inside.all(axis=1))
    if not len(whole) or found.b is None:
        raise ProbeError(f"probe: {case.name}: no output element of {_told(case)} has all taps")
    for at in dict.fromkeys((int(whole[0]), int(whole[-1]))):
        place = tuple(int(i) for i in np.unravel_index(at, output))
        factors = np.stack([found.a[at], found.b[at]]).astype(np.int64)
        yield Element(client, about, case, place, factors, np.asarray(found.turned))


def probe_element(element: Element, seconds: float) -> Probed:
    """Probe an element; taps that run in the other order than the default's are named, too.

    Parameters
    ----------
    element : Element
    seconds : float
        For the search of a contract.

    Raises
    ------
    ProbeError
        The kernel does not answer, or it is no sum in a fixed tree.
    """
    found = probe(element, element.length, bias=element.bias, seconds=seconds)
    turned, straight = element.turned, np.arange(element.length)
    if found.answer is None or found.answer.contract is not None or (turned == straight).all():
        return found
    back = np.argsort(turned)

    def other(a: F32Array, b: F32Array, *bias: np.float32) -> np.float32:
        return element(a[back], b[back], *bias)

    again = probe(other, element.length, bias=element.bias, seconds=seconds)
    if again.answer is None or again.answer.contract is None:
        return found
    backward = element.case.name.endswith("input_grad")
    taps = {"input_grad_taps": "by_weight"} if backward else {"taps": "spatial_major"}
    answer = replace(
        again.answer,
        contract=again.answer.contract.but(**taps),
        others=tuple(c.but(**taps) for c in again.answer.others),
    )
    return replace(found, answer=answer, calls=found.calls + again.calls)


def _shapes(case: Case) -> dict[str, tuple[int, ...]]:
    """Return the shapes of both factors as the operation has them: a matrix b is turned."""
    names = [n for n in case.kernel.inputs if n != "bias"]
    shapes = {n: case.kernel.shape(n, case.size) for n in names}
    return {n: shape[::-1] if n == "b" else shape for n, shape in shapes.items()}


def _told(case: Case) -> str:
    sizes: dict[str, Any] = {f: v for f, v in case.sizes if v or f in ("m", "k", "n")}
    return ", ".join(f"{f} = {v}" for f, v in sizes.items()) + f" on {case.cores} cores"
