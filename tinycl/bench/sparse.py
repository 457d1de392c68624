"""Sparse backward passes against the dense ones of the same layer, both the engine's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.fast.program import Program
from tinycl.nn.builder import Builder, Shape

RATIO: dict[str, Any] = {"s_min": 0.1, "s_max": 0.9, "zeta": 1.0, "half_even": 0}


class Comparison(NamedTuple):
    """Bodies of one program: the dense backward pass, and what is measured against it."""

    what: str
    dense: Callable[[], object]
    sparse: Callable[[], object]


class Layer(NamedTuple):
    """One layer's geometry; `attrs` are those of its gradients."""

    kind: str
    x: Shape
    w: Shape
    dy: Shape

    def __str__(self) -> str:
        size = "" if len(self.x) == 2 else f" on {self.x[2]}x{self.x[3]}"
        return f"{self.kind} {self.x[1]}-{self.dy[1]}{size}, batch {self.x[0]}"


def linear(n: int) -> Layer:
    """Return the linear layer 784-512."""
    return Layer("linear", (n, 784), (512, 784), (n, 512))


def pointwise(n: int) -> Layer:
    """Return the pointwise layer 512-512 on 8x8."""
    return Layer("pointwise", (n, 512, 8, 8), (512, 512), (n, 512, 8, 8))


def depthwise(n: int) -> Layer:
    """Return the depthwise layer of 512 channels on 8x8."""
    return Layer("depthwise", (n, 512, 8, 8), (512, 3, 3), (n, 512, 8, 8))


def comparisons(threads: int) -> Iterator[Comparison]:
    """Yield what is compared, each made when it is asked for."""
    for n in (1, 8):
        yield compare(pointwise(n), "25 % of the output channels", _channels, threads)
    yield compare(linear(1), "top-k 10 %, gradient kept as rows", _rows, threads)
    for order in ("ascending", "heap"):
        contract = DEFAULT.but(selection_order=order)
        for layer in (linear(8), pointwise(8), depthwise(8)):
            what = f"TinyProp's sums and selection ({order})"
            yield compare(layer, what, _selection, threads, contract)


def compare(
    layer: Layer,
    what: str,
    emit: Callable[[Builder, Layer], None],
    threads: int,
    contract: Contract = DEFAULT,
) -> Comparison:
    """Return the two jobs of one comparison."""
    b = Builder()
    for name, shape in (("x", layer.x), ("w", layer.w), ("dy", layer.dy)):
        b.tensor(name, shape, role="input")
    _dense(b, layer)
    b.close("dense")
    emit(b, layer)
    b.close("sparse")
    written = [name for name, tensor in b.tensors.items() if tensor.role != "input"]
    program = Program(b.plan([("dense", 1), ("sparse", 1)], written), contract, False, threads)
    rng = np.random.default_rng(1)
    data: dict[str, Array] = {}
    for name, tensor in b.tensors.items():
        if tensor.role == "input" and tensor.dtype == "f32":
            data[name] = rng.standard_normal(tensor.shape, np.float32)
        elif tensor.role == "input":  # places among the outputs
            kept = rng.permutation(layer.dy[1])[: tensor.shape[-1]]
            data[name] = np.sort(kept).astype(np.int32).reshape(tensor.shape)
    program.load(data)
    return Comparison(
        f"{layer}: {what}",
        lambda: program.run_body("dense", 1),
        lambda: program.run_body("sparse", 1),
    )


def _dense(b: Builder, layer: Layer) -> None:
    weight: dict[str, Any] = {}
    through: dict[str, Any] = {}
    if layer.kind == "depthwise":
        window = {"stride": (1, 1), "padding": (1, 1, 1, 1)}
        weight, through = {**window, "kernel": (3, 3)}, {**window, "size": layer.x[2:]}
    b.emit(f"{layer.kind}_weight_grad", ("x", "dy"), ("dw",), **weight)
    b.emit(f"{layer.kind}_input_grad", ("w", "dy"), ("dx",), **through)


def _channels(b: Builder, layer: Layer) -> None:
    """Gather the kept channels of dy and rows of w; go on with the dense gradients."""
    kept = b.tensor("kept", (1, layer.dy[1] // 4), "i32", role="input")
    dy = b.emit("gather", ("dy", kept), ("dy.kept",), axis=1)
    w = b.emit("gather", ("w", kept), ("w.kept",), axis=0)
    b.emit(f"{layer.kind}_weight_grad", ("x", dy), ("dw.kept",))
    b.emit(f"{layer.kind}_input_grad", (w, dy), ("dx.kept",))


def _rows(b: Builder, layer: Layer) -> None:
    """Select, and compute the surviving rows of the weight gradient, and the input gradient."""
    b.emit("top_k", ("dy",), ("count", "index"), k=layer.dy[1] // 10)
    dy = b.emit("gather", ("dy", "index"), ("dy.kept",), axis=1)
    b.emit("linear_weight_grad", ("x", dy), ("dw.kept",))
    b.emit("linear_sparse_input_grad", ("w", "dy", "count", "index"), ("dx.kept", "effort"))


def _selection(b: Builder, layer: Layer) -> None:
    """Emit what TinyProp adds to a layer: sum, running maximum, ratio, top-k."""
    b.tensor("y_max", (1,), role="state")
    y = b.emit("magnitude_sum", ("dy",), ("y",))
    peak = b.emit("running_max", (y, "y_max"), ("peak",))
    entries = int(np.prod(layer.dy[1:]))
    count = b.emit("tinyprop_count", (y, peak), ("k", "ratio"), entries=entries, **RATIO)
    b.emit("top_k", ("dy", count), ("count", "index"), k=0)
