"""Hypothesis strategies of cases: tiny, odd, prime and core-unaligned sizes, and declared limits.

Sizes shrink towards 1, paddings towards 0, values towards plain, cores towards 1.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.table import KERNELS, STRUCTS
from tinycl.validate.values import CLASSES

CORES = (1, 2, 3, 4, 8)
LARGE = (7, 8, 9, 11, 13, 16, 17, 19, 31, 33)
VECTORS = (*LARGE, 64, 67, 129, 257)
MOST = 12_000  # multiply-accumulates of a case: the specification is not fast

Sizes = dict[str, int]


def _size(large: tuple[int, ...] = LARGE) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(1, 4), st.integers(1, 9), st.sampled_from(large))


@st.composite
def cases(draw: st.DrawFn, name: str, about: About, limit: str | None = None) -> Case:
    """Generate a case that the kernel has to do; or one beyond one of its declared limits.

    Parameters
    ----------
    name : str
    about : About
    limit : str, optional
        The limit to go beyond.
    """
    kernel = KERNELS[name]
    free = About(layout=about.layout) if limit else about
    sizes = draw(_sizes(kernel.family, free, limit))
    if kernel.family == "sgd" or kernel.optional is None:
        optional = draw(st.booleans()) if kernel.optional else True
    elif free.has("always_bias"):
        optional = True
    elif free.has("no_bias"):
        optional = False
    else:
        optional = draw(st.booleans())
    if limit in ("no_bias", "always_bias"):
        optional = limit == "no_bias"
    values = draw(st.sampled_from(CLASSES))
    cores = 1 if free.has("one_core") and limit != "one_core" else draw(st.sampled_from(CORES))
    if limit == "one_core":
        cores = draw(st.sampled_from(CORES[1:]))
    fields = STRUCTS[kernel.family].split()
    return Case(
        name,
        tuple((f, sizes[f]) for f in fields),
        optional,
        values,
        draw(st.integers(0, 4095)),
        cores,
    )


@st.composite
def _sizes(draw: st.DrawFn, family: str, about: About, limit: str | None) -> Sizes:
    if family in ("conv2d", "depthwise", "pool"):
        return draw(_windows(family, about, limit))
    samples = st.one_of(st.integers(1, 5), st.sampled_from((7, 9, 16, 19)))
    batch = 1 if about.has("no_batch") else draw(samples)
    if limit == "no_batch":
        batch = draw(st.integers(2, 5))
    found: Sizes
    if family == "pointwise":
        found = {"n": min(batch, 3)} | {f: draw(_size()) for f in ("ci", "co", "h", "w")}
        return _small(found, ("ci", "co", "h", "w"))
    if family == "linear":
        found = {"n": batch, "fi": draw(_size(VECTORS)), "fo": draw(_size(VECTORS))}
        return _small(found, ("fi", "fo"))
    if family == "matmul":
        turns = st.just(0) if about.has("no_transpose") else st.integers(0, 1)
        found = {f: draw(_size()) for f in ("m", "k", "n")}
        found |= {"transpose_a": draw(turns), "transpose_b": draw(turns)}
        if limit == "no_transpose" and not found["transpose_a"]:
            found["transpose_b"] = 1
        return _small(found, ("m", "k", "n"))
    if family == "softmax":
        more = draw(st.integers(0, 9))
        return {"n": batch, "classes": draw(_size()), "batch": batch + more}
    if family == "top_k":
        m = draw(_size(VECTORS))
        return {"rows": batch, "m": m, "k": draw(st.integers(1, m))}
    return {"count": draw(_size(VECTORS))}


@st.composite
def _windows(draw: st.DrawFn, family: str, about: About, limit: str | None) -> Sizes:
    found: Sizes = {"n": 1 if about.has("no_batch") else draw(st.integers(1, 3))}
    if limit == "no_batch":
        found["n"] = draw(st.integers(2, 3))
    channels = ("ci", "co") if family == "conv2d" else ("c",)
    found |= {f: draw(_size()) for f in (*channels, "h", "w")}
    kernel = st.one_of(st.integers(1, 3), st.sampled_from((4, 5)))
    stride = st.just(1) if about.has("no_stride") else st.integers(1, 3)
    if limit == "no_stride":
        stride = st.integers(2, 3)
    found |= {"kh": draw(kernel), "stride_h": draw(stride)}
    square = about.has("no_rectangle")
    found["kw"] = found["kh"] if square else draw(kernel)
    found["stride_w"] = found["stride_h"] if square else draw(stride)
    if limit == "no_rectangle" and found["kh"] == found["kw"]:
        found["kw"] = found["kh"] % 5 + 1
    _small(found, (*channels, "h", "w"))
    edges = draw(_edges(found, about, limit, pool=family == "pool"))
    for axis, size, before, after in (("h", "kh", *edges[:2]), ("w", "kw", *edges[2:])):
        found[axis] = max(found[axis], found[size] - before - after)
        whole = found[axis] + before + after
        found[f"{axis}o"] = (whole - found[size]) // found[f"stride_{axis}"] + 1
    names = ("pad_top", "pad_bottom", "pad_left", "pad_right")
    return found | dict(zip(names, edges, strict=True))


@st.composite
def _edges(draw: st.DrawFn, size: Sizes, about: About, limit: str | None, pool: bool) -> Any:
    if about.has("no_padding"):
        return (0, 0, 0, 0)
    beyond = -1 if pool else 0
    most = {"h": size["kh"] + beyond, "w": size["kw"] + beyond}
    if about.has("no_uneven"):
        return (draw(st.integers(0, min(most.values()))),) * 4
    edges = [draw(st.integers(0, most[axis])) for axis in "hhww"]
    if limit == "no_padding" and not any(edges):
        edges[3] = most["w"]
    if limit == "no_uneven" and len(set(edges)) == 1:
        edges[3] = edges[3] - 1 if edges[3] else most["w"]
    return tuple(edges)


def _small(found: Sizes, fields: tuple[str, ...]) -> Sizes:
    """Halve the largest sizes until the work is small enough."""
    while True:
        work = found.get("n", 1) * found.get("kh", 1) * found.get("kw", 1)
        for field in fields:
            work *= found[field]
        if work <= MOST:
            return found
        largest = max(fields, key=lambda field: found[field])
        found[largest] = (found[largest] + 1) // 2
