"""Tensors from a file of any format, in the order of the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tinycl.bits import Array
from tinycl.errors import FileError
from tinycl.export.binary import read_bin
from tinycl.export.dump import aliases, read_dump, read_plain
from tinycl.export.names import c_name
from tinycl.export.npz import read_npz
from tinycl.export.select import names_matching
from tinycl.golden.layout import from_layout, layout_shape, leading_axes
from tinycl.golden.schema import Golden
from tinycl.parity.axes import input_axes, result_axes


@dataclass(frozen=True)
class Expected:
    """What there should be.

    Attributes
    ----------
    name : str
        Of the golden.
    values : mapping of str to ndarray
        In the order of the plan; of an export without a golden, as it lies in memory.
    axes : mapping of str to tuple of str
        Names of the axes; those of an export have none.
    leading : mapping of str to int
        Axes in front of a tensor's own, see `leading_axes`.
    layout : str or None
        Of an export without a golden: what is compared with it has the same. None: of a golden.
    every : tuple of str
        Names of all tensors, if `values` holds some of them: names in C depend on it.
    prefix : str
        Of names in C; made from `name` if empty.
    """

    name: str
    values: Mapping[str, Array]
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leading: Mapping[str, int] = field(default_factory=dict)
    layout: str | None = None
    every: tuple[str, ...] = ()
    prefix: str = ""

    def only(self, globs: Sequence[str]) -> Expected:
        """Return what is expected of some tensors; FileError for a glob that matches nothing."""
        names = names_matching(list(self.values), globs)
        values = {name: self.values[name] for name in names}
        return replace(self, values=values, every=tuple(self.values))

    @classmethod
    def of_golden(cls, golden: Golden) -> Expected:
        """Return what a golden says."""
        values = golden.everything
        axes = {f"input/{n}": v for n, v in input_axes(golden.plan).items()}
        leading = {name: leading_axes(golden.plan, name) for name in values}
        return cls(golden.name, values, axes | result_axes(golden.plan), leading)

    @classmethod
    def of_export(cls, path: Path, layout: str | None = None) -> Expected:
        """Return what an ``.npz`` or ``.bin`` says.

        Raises
        ------
        FileError
            It cannot be read, or is neither.
        """
        stored = _stored(path, layout)
        if stored is None:
            raise FileError(
                f"{path}: neither .h5, .npz nor .bin; a dump has no shapes and comes second, "
                "after a golden"
            )
        layouts = sorted({kind for _, kind in stored.values()}) or ["chw"]
        if len(layouts) > 1:
            raise FileError(f"{path}: tensors of several layouts; give the golden as A")
        return cls(path.stem, {n: v for n, (v, _) in stored.items()}, layout=layouts[0])


@dataclass(frozen=True)
class Found:
    """Tensors of a file by name. `partial`: a dump holds what it likes."""

    values: Mapping[str, Array]
    partial: bool


def read_tensors(
    path: Path, expected: Expected, layout: str | None = None, tensor: str | None = None
) -> Found:
    """Read an ``.npz``, a ``.bin`` with its index, or a hex dump (any other name).

    Parameters
    ----------
    path : Path
    expected : Expected
        Names, shapes and dtypes, of which a dump has none of its own.
    layout : {"chw", "hwc"}, optional
        What the file is in, where it does not say so itself; ``chw`` if left out.
    tensor : str, optional
        The file is nothing but the words of this tensor: raw ones in a ``.bin``, hexadecimal ones
        elsewhere.

    Raises
    ------
    FileError
        What cannot be read: where, and what to do.
    """
    if not path.is_file():
        raise FileError(f"{path}: there is no such file")
    if tensor is not None:
        name = _meant(tensor, expected)
        words = _plain(path, name, expected.values[name])
        return Found({name: _tensor(name, words, expected, layout)}, partial=True)
    stored = _stored(path, layout)
    if stored is not None:
        ordered = {n: _ordered(path, n, v, kind, expected) for n, (v, kind) in stored.items()}
        return Found(ordered, partial=False)
    sizes = {name: value.size for name, value in expected.values.items()}
    found = read_dump(_text(path), str(path), sizes, _names(expected))
    if not found:
        first = next(iter(expected.values), "y")
        raise FileError(
            f"{path}: no tensor of A in it, as lines such as '{first}: 3f800000 40000000'; "
            "words without a name are read with --tensor NAME"
        )
    empty = {name: np.empty(0, np.uint32) for name, size in sizes.items() if not size}
    values = empty | {n: np.array(words, np.uint32) for n, words in found.items()}
    return Found({n: _tensor(n, w, expected, layout) for n, w in values.items()}, partial=True)


def _stored(path: Path, layout: str | None) -> dict[str, tuple[Array, str]] | None:
    """Return arrays and layouts of an .npz or .bin; None for other files."""
    if path.suffix not in (".npz", ".bin", ".json"):
        return None
    if path.suffix == ".npz":
        arrays, told = read_npz(path)
        kinds = {told} - {None}
        stored = {name: (value, told or layout or "chw") for name, value in arrays.items()}
    else:
        stored = read_bin(path)
        kinds = {kind for _, kind in stored.values()}
    if layout is not None and kinds - {layout}:
        raise FileError(f"{path}: it says that it is {kinds.pop()}; leave --layout {layout} out")
    return stored


def _ordered(path: Path, name: str, value: Array, kind: str, expected: Expected) -> Array:
    if expected.layout is not None:
        if kind != expected.layout:
            raise FileError(f"{path}: {kind}, and A is {expected.layout}; give the golden as A")
        return value
    return from_layout(value, kind, expected.leading.get(name, 0))


def _tensor(name: str, words: Array, expected: Expected, layout: str | None) -> Array:
    like = expected.values[name]
    if expected.layout is not None:
        if layout not in (None, expected.layout):
            raise FileError(f"--layout {layout}: A is {expected.layout}; give the golden as A")
        return _elements(name, words, like).reshape(like.shape)
    leading, kind = expected.leading.get(name, 0), layout or "chw"
    value = _elements(name, words, like).reshape(layout_shape(like.shape, kind, leading))
    return from_layout(value, kind, leading)


def _elements(name: str, words: Array, like: Array) -> Array:
    """Return the elements that words hold, one each; a byte may have its sign before it."""
    if like.itemsize == 4:
        return words.view(like.dtype)
    signed = (words >= 0xFFFFFF80) & (like.dtype == np.int8)
    wrong = words[(words > 0xFF) & ~signed]
    if wrong.size:
        raise FileError(f"{name}: {wrong[0]:08x} is no {like.dtype}; write a byte as 0x7f")
    return words.astype(np.uint8).view(like.dtype)


def _plain(path: Path, name: str, like: Array) -> Array:
    if path.suffix != ".bin":
        return np.array(read_plain(_text(path), str(path), name, like.size), np.uint32)
    data = path.read_bytes()
    if len(data) != like.nbytes:
        raise FileError(f"{path}: {len(data)} bytes; {name} has {like.nbytes}")
    return np.frombuffer(data, f"<u{like.itemsize}").astype(np.uint32)


def _names(expected: Expected) -> dict[str, str]:
    """Return what a dump may call the tensors that are expected."""
    known = aliases(
        expected.every or list(expected.values), c_name(expected.prefix or expected.name)
    )
    return {made: name for made, name in known.items() if name in expected.values}


def _meant(tensor: str, expected: Expected) -> str:
    known = _names(expected)
    if tensor not in known:
        raise FileError(
            f"--tensor {tensor}: not one tensor of A; there are {', '.join(list(known)[:6])}, ..."
        )
    return known[tensor]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
