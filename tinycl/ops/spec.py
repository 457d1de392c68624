"""What an operation is: its tensors, its attributes, its rule of shapes, its cost.

`@operation` puts a NumPy function into `TABLE`. That one table drives dispatch, the reading and
writing of plans, and the table of the C runner.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np

from tinycl.bits import DTYPES, Array, canonical
from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError

Shape = tuple[int, ...]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Arg:
    """One tensor of an operation.

    `updates` names the input that an output overwrites. `axes` names the coordinates of an
    element, for reports. `below` takes the shapes by name and the attributes, and returns the
    bound of an integer input's values, which begin at `least`.
    """

    name: str
    axes: str
    dtype: str = "f32"
    optional: bool = False
    updates: str | None = None
    below: Callable[[Mapping[str, Shape], Mapping[str, Any]], int] | None = None
    least: int = 0


@dataclass(frozen=True)
class Attr:
    """One attribute: `count` whole numbers at least `least`, or one float32."""

    name: str
    kind: str = "int"
    count: int = 1
    least: int = 0


KERNEL = Attr("kernel", count=2, least=1)
STRIDE = Attr("stride", count=2, least=1)
PADDING = Attr("padding", count=4)
SIZE = Attr("size", count=2, least=1)


@dataclass(frozen=True)
class Operation:
    """A row of the table.

    Attributes
    ----------
    name : str
        The same in plans, in NumPy, and in C (``tinycl_<name>``).
    inputs, outputs : tuple of Arg
    attrs : tuple of Attr
    shapes : callable
        Input shapes (None where left out) and attributes to output shapes; raises ShapeError.
    macs : callable
        Same arguments to the number of multiply-accumulates.
    function : callable
        The NumPy specification.
    """

    name: str
    inputs: tuple[Arg, ...]
    outputs: tuple[Arg, ...]
    attrs: tuple[Attr, ...]
    shapes: Callable[..., tuple[Shape, ...]]
    macs: Callable[..., int]
    function: Callable[..., Any]

    def infer(
        self, shapes: Sequence[Shape | None], dtypes: Sequence[str | None], attrs: Mapping[str, Any]
    ) -> tuple[Shape, ...]:
        """Check dtypes, presence, attributes and shapes; return the shapes of the outputs."""
        if len(shapes) > len(self.inputs):
            raise ShapeError(
                f"{self.name}: takes {len(self.inputs)} tensors "
                f"({', '.join(a.name for a in self.inputs)}), got {len(shapes)}"
            )
        given = list(shapes) + [None] * (len(self.inputs) - len(shapes))
        kinds = list(dtypes) + [None] * (len(self.inputs) - len(dtypes))
        for arg, shape, dtype in zip(self.inputs, given, kinds, strict=True):
            if shape is None:
                if not arg.optional:
                    raise ShapeError(f"{self.name}: needs the tensor {arg.name!r}")
                continue
            if dtype != arg.dtype:
                raise ShapeError(
                    f"{self.name}: {arg.name} has dtype {dtype}; it takes {arg.dtype} "
                    f"({DTYPES[arg.dtype].__name__})"
                )
            if any(d < 1 for d in shape):
                raise ShapeError(f"{self.name}: {arg.name} has an empty axis: {shape}")
        try:
            return self.shapes(*given, **self.attributes(attrs))
        except ShapeError as error:
            told = str(error)
            if not told.startswith(f"{self.name}:"):  # a rule that several operations share
                told = f"{self.name}: {told.partition(': ')[2]}"
            raise ShapeError(told) from None

    def out_of_range(
        self,
        values: Mapping[str, Array],
        shapes: Mapping[str, Shape],
        attrs: Mapping[str, Any],
    ) -> tuple[str, str, str] | None:
        """Find the first integer that does not lie inside what it indexes.

        Returns
        -------
        (input's name, "[place] is value", "least to largest allowed value"), or None
        """
        for arg in self.inputs:
            if arg.below is None or arg.name not in values:
                continue
            limit, value = arg.below(shapes, attrs), values[arg.name]
            wrong = (value < arg.least) | (value >= limit)
            if wrong.any():
                first = tuple(int(i) for i in np.argwhere(wrong)[0])
                told = f"{list(first)} is {value[first]}"
                return arg.name, told, f"{arg.least} to {limit - 1}"
        return None

    def attributes(self, attrs: Mapping[str, Any]) -> dict[str, Any]:
        """Check attributes and give them their plain form: int, tuple of int, or float."""
        extra = set(attrs) - {a.name for a in self.attrs}
        if extra:
            raise ShapeError(
                f"{self.name}: no attribute {sorted(extra)}; it takes "
                + (", ".join(a.name for a in self.attrs) or "none")
            )
        return {a.name: self._attribute(a, attrs.get(a.name)) for a in self.attrs}

    def _attribute(self, attr: Attr, value: Any) -> Any:
        where = f"{self.name}: {attr.name}"
        if value is None:
            raise ShapeError(f"{where} is missing")
        if attr.kind == "f32":
            try:
                if isinstance(value, (str, bytes)):  # NumPy would read it
                    raise TypeError
                with np.errstate(over="ignore"):
                    return float(np.float32(value))
            except (TypeError, ValueError):
                raise ShapeError(f"{where} must be a number, got {value!r}") from None
        many = attr.count > 1
        if many and not (isinstance(value, Sequence) and len(value) == attr.count):
            raise ShapeError(f"{where} must be {attr.count} whole numbers, got {value!r}")
        numbers = tuple(value) if many else (value,)
        for number in numbers:
            whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
            if not whole or not attr.least <= number < 1 << 31:
                raise ShapeError(
                    f"{where} must be whole and from {attr.least} to 2^31-1, got {value!r}"
                )
        return tuple(int(v) for v in numbers) if many else int(value)


TABLE: dict[str, Operation] = {}


def no_macs(*shapes: Shape | None, **attrs: Any) -> int:
    """Cost of an operation that multiplies nothing worth counting."""
    return 0


def operation(
    *,
    inputs: tuple[Arg, ...],
    outputs: tuple[Arg, ...],
    shapes: Callable[..., tuple[Shape, ...]],
    attrs: tuple[Attr, ...] = (),
    macs: Callable[..., int] = no_macs,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Put a function into the table under its own name, and check what it is called with.

    The function takes its input tensors by position, its attributes and ``contract`` by keyword,
    and returns one array or a tuple of arrays; every NaN in them becomes 0x7fc00000.
    """

    def register(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__name__

        @functools.wraps(function)
        def checked(*tensors: Any, **keywords: Any) -> Any:
            for arg, tensor in zip(row.inputs, tensors, strict=False):
                if tensor is not None and not isinstance(tensor, np.ndarray):
                    raise ShapeError(
                        f"{name}: {arg.name} must be a NumPy array, got {type(tensor).__name__}"
                    )
            contract = keywords.pop("contract", DEFAULT)
            if not isinstance(contract, Contract):
                raise ShapeError(
                    f"{name}: contract must be a Contract, got {contract!r}; "
                    "Contract.parse reads its text"
                )
            given = {**_defaults(function), **keywords}
            row.infer(
                [None if t is None else t.shape for t in tensors],
                [None if t is None else _dtype_name(t) for t in tensors],
                given,
            )
            attrs: Any = row.attributes(given)
            named = dict(zip((a.name for a in row.inputs), tensors, strict=False))
            values = {name: t for name, t in named.items() if t is not None}
            found = row.out_of_range(values, {n: t.shape for n, t in values.items()}, attrs)
            if found is not None:
                where, told, allowed = found
                raise ShapeError(f"{name}: {where}{told}; it takes values from {allowed}")
            run: Callable[..., Any] = function
            result = run(*tensors, contract=contract, **attrs)
            if isinstance(result, tuple):
                return tuple(None if r is None else canonical(r) for r in result)
            return canonical(result)

        row = Operation(name, inputs, outputs, attrs, shapes, macs, checked)
        TABLE[name] = row
        return checked

    return register


def _dtype_name(tensor: Array) -> str:
    return next((k for k, v in DTYPES.items() if tensor.dtype == v), str(tensor.dtype))


def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    return {k: v for k, v in (function.__kwdefaults__ or {}).items() if k != "contract"}


def expect(operation_name: str, name: str, shape: Shape, rank: int, axes: str) -> None:
    """Raise ShapeError unless a tensor has the rank its axes say."""
    if len(shape) != rank:
        raise ShapeError(
            f"{operation_name}: {name} has shape {shape}; it needs {rank} axes ({axes})"
        )


def same(operation_name: str, **shapes: Shape) -> None:
    """Raise ShapeError unless all named shapes agree."""
    if len(set(shapes.values())) > 1:
        told = ", ".join(f"{k} {v}" for k, v in shapes.items())
        raise ShapeError(f"{operation_name}: shapes must agree, got {told}")


def window_size(
    operation_name: str, size: Shape, kernel: Shape, stride: Shape, pad: Shape
) -> Shape:
    """Return (ho, wo) of a window that slides over a padded (h, w)."""
    out = []
    for axis, before, after in ((0, 0, 1), (1, 2, 3)):
        length = size[axis] + pad[before] + pad[after]
        if length >= 1 << 31:
            raise ShapeError(
                f"{operation_name}: a padded image of {length} places a side is too large; "
                "the limit is 2^31 - 1"
            )
        room = length - kernel[axis]
        if room < 0:
            raise ShapeError(
                f"{operation_name}: kernel {tuple(kernel)} is larger than the padded image "
                f"{size} with padding (top, bottom, left, right) {tuple(pad)}"
            )
        out.append(room // stride[axis] + 1)
    return tuple(out)
