"""The kernels that can be validated: tensors and their axes, shape structs, what is expected.

The same names and the same order as in ``tinycl_validate.h``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Sizes = Mapping[str, int]
PREFIX = "validate_"

_WINDOW = "kh kw ho wo stride_h stride_w pad_top pad_bottom pad_left pad_right"
STRUCTS = {
    "conv2d": f"n ci h w co {_WINDOW}",
    "depthwise": f"n c h w {_WINDOW}",
    "pool": f"n c h w {_WINDOW}",
    "pointwise": "n ci co h w",
    "linear": "n fi fo",
    "elements": "count",
    "softmax": "n classes batch",
    "matmul": "m k n transpose_a transpose_b",
    "top_k": "rows m k",
    "sgd": "count",
}
AXES = {
    "conv2d": {"x": "n ci h w", "w": "co ci kh kw", "bias": "co", "y": "n co ho wo"},
    "depthwise": {"x": "n c h w", "w": "c kh kw", "bias": "c", "y": "n c ho wo"},
    "pool": {"x": "n c h w", "y": "n c ho wo", "index": "n c ho wo"},
    "pointwise": {"x": "n ci h w", "w": "co ci", "bias": "co", "y": "n co h w"},
    "linear": {"x": "n fi", "w": "fo fi", "bias": "fo", "y": "n fo"},
    "elements": {"x": "count", "y": "count"},
    "softmax": {
        "z": "n classes",
        "p": "n classes",
        "dz": "n classes",
        "target": "n",
        "loss": "n",
    },
    "matmul": {"a": "m k", "b": "k n", "y": "m n"},
    "top_k": {"a": "rows m", "index": "rows k"},
    "sgd": {"w": "count", "velocity": "count", "g": "count"},
}
GRADIENT_OF = {"dx": "x", "dy": "y", "dw": "w", "db": "bias"}
INTEGERS = ("index", "target")
HWC = {4: (0, 2, 3, 1), 3: (1, 2, 0)}  # axes of an image or kernel, by rank


@dataclass(frozen=True)
class Kernel:
    """One function of the ABI.

    Attributes
    ----------
    name : str
        Without ``validate_``.
    family : str
        Key of `STRUCTS` and `AXES`.
    inputs, outputs : tuple of str
        In the order of the arguments; tensors in place are outputs alone.
    kind : {"sum", "exact", "smooth"}
        Ordered sums of products; no rounding at all; exp, log and divisions.
    sums : str
        The axes that the terms of a sum run over.
    """

    name: str
    family: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    kind: str = "sum"
    sums: str = ""

    @property
    def symbol(self) -> str:
        """The exported name."""
        return PREFIX + self.name

    @property
    def operation(self) -> str:
        """The operation of `tinycl.ops.TABLE` that says what is right."""
        return "linear_forward" if self.name == "matmul" else self.name

    @property
    def optional(self) -> str | None:
        """The tensor that may be left out."""
        return next((n for n in ("bias", "velocity") if n in (*self.inputs, *self.outputs)), None)

    @property
    def in_place(self) -> bool:
        """Whether the outputs have values before the call."""
        return self.name == "sgd"

    def axes(self, tensor: str) -> tuple[str, ...]:
        """Names of a tensor's axes, as in CHW."""
        table = AXES[self.family]
        return tuple(table[tensor if tensor in table else GRADIENT_OF[tensor]].split())

    def shape(self, tensor: str, sizes: Sizes) -> tuple[int, ...]:
        """Return a tensor's shape, as in CHW; a transposed matrix has its axes turned."""
        shape = tuple(sizes[axis] for axis in self.axes(tensor))
        turned = sizes.get(f"transpose_{tensor}", 0)
        return shape[::-1] if turned else shape

    def terms(self, sizes: Sizes) -> int:
        """Count the terms of one sum."""
        count = 1
        for axis in self.sums.split():
            count *= sizes[axis]
        return count


def _layer(family: str, forward: str, weight: str, backward: str) -> list[Kernel]:
    return [
        Kernel(f"{family}_forward", family, ("x", "w", "bias"), ("y",), sums=forward),
        Kernel(f"{family}_weight_grad", family, ("x", "dy"), ("dw",), sums=weight),
        Kernel(f"{family}_input_grad", family, ("w", "dy"), ("dx",), sums=backward),
    ]


_ROWS = [
    *_layer("conv2d", "ci kh kw", "n ho wo", "co kh kw"),
    Kernel("conv2d_bias_grad", "conv2d", ("dy",), ("db",), sums="n ho wo"),
    *_layer("depthwise", "kh kw", "n ho wo", "kh kw"),
    *_layer("pointwise", "ci", "n h w", "co"),
    *_layer("linear", "fi", "n", "fo"),
    Kernel("linear_bias_grad", "linear", ("dy",), ("db",), sums="n"),
    Kernel("matmul", "matmul", ("a", "b"), ("y",), sums="k"),
    Kernel("relu_forward", "elements", ("x",), ("y",), "exact"),
    Kernel("relu_input_grad", "elements", ("x", "dy"), ("dx",), "exact"),
    Kernel("max_pool_forward", "pool", ("x",), ("y", "index"), "exact"),
    Kernel("max_pool_input_grad", "pool", ("dy", "index"), ("dx",), sums="kh kw"),
    Kernel("avg_pool_forward", "pool", ("x",), ("y",), sums="kh kw"),
    Kernel("avg_pool_input_grad", "pool", ("dy",), ("dx",), sums="kh kw"),
    Kernel("softmax_cross_entropy_forward", "softmax", ("z", "target"), ("p", "loss"), "smooth"),
    Kernel("softmax_cross_entropy_input_grad", "softmax", ("p", "target"), ("dz",), "smooth"),
    Kernel("sgd", "sgd", ("g",), ("w", "velocity")),
    Kernel("top_k", "top_k", ("a",), ("index",), "exact"),
]
KERNELS = {row.name: row for row in _ROWS}
