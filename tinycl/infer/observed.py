"""What was seen of a kernel, and which fields of a contract can show in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinycl.bits import DTYPES, Array, canonical
from tinycl.contract import Contract
from tinycl.errors import ShapeError
from tinycl.fast.choose import SPARSE, SUMS
from tinycl.infer.terms import direction_of
from tinycl.ops import TABLE

# No product and no sum of values above this comes near 2^-126 without being zero.
FAR_FROM_TINY = 2.0**-70
ALL = ("mac", "reduction", "start", "bias", "taps", "input_grad_taps", "padding", "batch")


@dataclass(frozen=True, eq=False)
class Observed:
    """One call of an operation: its inputs and what came out of it.

    Parameters
    ----------
    kind : str
        Name in `tinycl.ops.TABLE`.
    inputs : sequence of ndarray or None
        In the order of the table; None where an optional tensor is left out.
    attrs : mapping
    got : ndarray, or sequence of ndarray or None
        The outputs in the order of the table; None where one was not kept.
    """

    kind: str
    inputs: Sequence[Array | None]
    attrs: Mapping[str, Any]
    got: Any
    outputs: tuple[Array | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        if self.kind not in TABLE:
            raise ShapeError(f"infer: no operation {self.kind!r}; `tinycl.ops.TABLE` lists them")
        row = TABLE[self.kind]
        given = (self.got,) if isinstance(self.got, np.ndarray) else tuple(self.got)
        if len(given) != len(row.outputs):
            raise ShapeError(
                f"infer: {self.kind} writes {len(row.outputs)} tensors "
                f"({', '.join(a.name for a in row.outputs)}), got {len(given)}"
            )
        shapes = row.infer(
            [None if t is None else t.shape for t in self.inputs],
            [None if t is None else _name_of(t) for t in self.inputs],
            self.attrs,
        )
        for arg, value, shape in zip(row.outputs, given, shapes, strict=True):
            if value is not None and (value.shape, _name_of(value)) != (shape, arg.dtype):
                raise ShapeError(
                    f"infer: {self.kind}: {arg.name} is {arg.dtype} {shape}, got "
                    f"{_name_of(value)} {value.shape}"
                )
        if all(value is None for value in given):
            raise ShapeError(f"infer: {self.kind}: nothing that came out was given")
        kept = tuple(None if v is None else canonical(np.array(v)) for v in given)
        object.__setattr__(self, "outputs", kept)
        inputs = [None if t is None else canonical(np.array(t)) for t in self.inputs]
        object.__setattr__(self, "inputs", inputs)

    @property
    def is_sum(self) -> bool:
        """Whether each element is one reduction whose terms `gather` knows."""
        return self.kind in SUMS

    def under(self, contract: Contract) -> tuple[Array | None, ...]:
        """Return what the specification makes of the inputs.

        Raises
        ------
        ShapeError
            It refuses them, such as lists of survivors that do not ascend.
        """
        row = TABLE[self.kind]
        result = row.function(*self.inputs, **row.attributes(self.attrs), contract=contract)
        return result if isinstance(result, tuple) else (result,)

    def fields(self) -> frozenset[str]:
        """Return the fields that can change a bit of this call, of those that are looked for."""
        tiny = {"subnormals"} if self._may_be_tiny() else set()
        if self.kind in SPARSE:
            return frozenset({*ALL, "selection_order"} - {"taps", "bias"} | tiny)
        if self.kind == "top_k":
            return frozenset({"selection_order"} | tiny)
        if not self.is_sum:
            return frozenset({"mac", "subnormals"})
        return frozenset(self._fields_of_a_sum() | tiny)

    def _fields_of_a_sum(self) -> set[str]:
        direction, padded = direction_of(self.kind), any(self.attrs.get("padding", (0,)))
        found = {"reduction", "start"} | ({"padding"} if padded else set())
        if direction != "bias_grad":
            found.add("mac")
        if direction in ("weight_grad", "bias_grad"):
            return found | {"batch"}
        if direction == "forward":
            bias = len(self.inputs) > 2 and self.inputs[2] is not None
            found |= {"bias"} if bias else set()
            return found | ({"taps"} if self.kind.startswith("conv2d") else set())
        if "stride" in self.attrs:
            found |= {"input_grad_taps", "padding"}
        return found

    def _may_be_tiny(self) -> bool:
        least = [_least(t) for t in self.inputs if t is not None and t.dtype == np.float32]
        return not least or min(least) < FAR_FROM_TINY or float(np.prod(least)) < FAR_FROM_TINY


def _least(x: Array) -> float:
    """Return the smallest magnitude that is not zero, at most 1."""
    size = np.abs(x[np.isfinite(x) & (x != 0)])
    return min(1.0, float(size.min())) if size.size else 1.0


def _name_of(x: Array) -> str:
    return next((name for name, kind in DTYPES.items() if x.dtype == kind), str(x.dtype))
