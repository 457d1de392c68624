"""Small nets whose layers fit onto each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tinycl import nn
from tinycl.testing.strategies.values import Shape

LARGE = 6  # sides from here on are not padded any more


@dataclass(frozen=True)
class Net:
    """A net and the shapes that go with it.

    Attributes
    ----------
    net : Sequential
        Every layer fits; the last is a linear layer, or the one that a loss of any shape takes.
    input_shape, output_shape : tuple of int
        Samples first.
    layers : tuple of str
        The layers as they are written in Python.
    """

    net: nn.Sequential
    input_shape: Shape
    output_shape: Shape
    layers: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{self.input_shape} nn.Sequential({', '.join(self.layers)})>"


class _Stack:
    """Layers so far, and the shape of one sample behind them."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.layers: list[nn.Layer] = []
        self.told: list[str] = []

    def add(self, kind: Callable[..., nn.Layer], shape: Shape, *args: Any, **keys: Any) -> None:
        """Append a layer that makes `shape` of what there is."""
        layers = [a if isinstance(a, _Stack) else None for a in args]
        words = [", ".join(s.told) if s else repr(a) for s, a in zip(layers, args, strict=True)]
        words += [f"{key}={value!r}" for key, value in keys.items()]
        self.told.append(f"nn.{kind.__name__}({', '.join(words)})")
        given: list[Any] = []
        for stack, arg in zip(layers, args, strict=True):
            given += stack.layers if stack else [arg]
        self.layers.append(kind(*given, **keys))
        self.shape = shape


ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.HardSwish, nn.Sigmoid)
KINDS = (
    "pointwise",  # linear, where the input is flat, and so are conv2d and depthwise
    "activation",
    "conv2d",
    "depthwise",
    "max_pool",  # nothing, where the input is flat, and so are the other pools
    "avg_pool",
    "global_pool",
    "residual",
)
Axis = tuple[int, int, int, int]  # kernel, stride, padding before and after
_AXES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 4), st.integers(0, 4))


class _Recipe(NamedTuple):
    """A layer that is made to fit any shape, so that one of a list can be left out."""

    kind: str
    channels: int = 1
    rows: Axis = (1, 1, 0, 0)
    columns: Axis = (1, 1, 0, 0)
    bias: bool = True
    depthwise: bool = False
    activation: Callable[[], nn.Layer] | None = None


@st.composite
def _recipes(draw: st.DrawFn, channels: int) -> _Recipe:
    kind = draw(st.sampled_from(KINDS))
    keys: dict[str, Any] = {}
    if kind in ("conv2d", "depthwise", "max_pool", "avg_pool"):
        keys |= {"rows": draw(_AXES), "columns": draw(_AXES)}
    if kind in ("conv2d", "pointwise", "depthwise", "residual"):
        keys |= {"channels": draw(st.integers(1, channels)), "bias": not draw(st.booleans())}
    if kind == "activation":
        keys["activation"] = draw(st.sampled_from(ACTIVATIONS))
    if kind == "residual":
        keys["depthwise"] = draw(st.booleans())
        keys["activation"] = draw(st.sampled_from((None, *ACTIVATIONS)))
    return _Recipe(kind, **keys)


def _fitted(axis: Axis, size: int, pool: bool) -> Axis:
    """Return an axis whose padding is allowed and lets at least one window fit."""
    kernel, stride, before, after = axis
    most = kernel - 1 if pool else kernel + 1 if size < LARGE else 0
    before = min(before, most)
    return kernel, stride, before, max(min(after, most), kernel - size - before)


def _window(recipe: _Recipe, shape: Shape) -> tuple[dict[str, Any], Shape]:
    """Return kernel, stride and padding for an image, and the sides of the output."""
    pool = recipe.kind.endswith("pool")
    drawn = zip((recipe.rows, recipe.columns), shape[1:], strict=True)
    axes = [_fitted(axis, size, pool) for axis, size in drawn]
    out = tuple(
        (size + before + after - kernel) // stride + 1
        for size, (kernel, stride, before, after) in zip(shape[1:], axes, strict=True)
    )
    (kh, sh, top, bottom), (kw, sw, left, right) = axes
    return {"kernel": (kh, kw), "stride": (sh, sw), "padding": (top, bottom, left, right)}, out


def _add(stack: _Stack, recipe: _Recipe) -> None:
    """Append the layer of a recipe."""
    kind, shape, image = recipe.kind, stack.shape, len(stack.shape) == 3
    c, co = shape[0], recipe.channels
    bias = {} if recipe.bias else {"bias": False}
    if kind == "activation":
        assert recipe.activation is not None
        stack.add(recipe.activation, shape)
    elif kind == "residual":
        inner = _Stack(shape)
        if image and recipe.depthwise:
            inner.add(nn.Depthwise, shape, c, kernel=3, padding=1, **bias)
        else:
            inner.add(nn.Pointwise if image else nn.Linear, shape, c, c, **bias)
        if recipe.activation is not None:
            inner.add(recipe.activation, shape)
        stack.add(nn.Residual, shape, inner)
    elif not image:
        if not kind.endswith("pool"):
            stack.add(nn.Linear, (co,), c, co, **bias)
    elif kind == "global_pool":
        stack.add(nn.GlobalAvgPool2d, (c, 1, 1))
    elif kind == "pointwise":
        stack.add(nn.Pointwise, (co, *shape[1:]), c, co, **bias)
    else:
        keys, out = _window(recipe, shape)
        if kind == "conv2d":
            stack.add(nn.Conv2d, (co, *out), c, co, **keys, **bias)
        elif kind == "depthwise":
            stack.add(nn.Depthwise, (c, *out), c, **keys, **bias)
        else:
            stack.add(nn.MaxPool2d if kind == "max_pool" else nn.AvgPool2d, (c, *out), **keys)


@st.composite
def nets(
    draw: st.DrawFn,
    *,
    batch: int = 3,
    channels: int = 3,
    side: int = 4,
    depth: int = 4,
    flat: bool | None = None,
    scores: bool | None = None,
) -> Net:
    """Generate nets of every kind of layer, of which at least one trains.

    Parameters
    ----------
    batch, channels, side : int
        Upper bounds of samples, of channels or features, and of the sides of the input.
    depth : int
        At most so many layers before the last linear one.
    flat : bool, optional
        Whether the input is (n, features) and not (n, c, h, w); either, if left out.
    scores : bool, optional
        True: ends in a linear layer, whose output (n, classes) a cross-entropy takes. None: does
        not end so, now and then, where another layer trains.

    Returns
    -------
    Net
    """
    n = draw(st.integers(1, batch))
    if draw(st.sampled_from((True, False, False, False))) if flat is None else flat:
        shape: Shape = (draw(st.integers(1, channels)),)
    else:
        shape = (draw(st.integers(1, channels)), *draw(st.tuples(*[st.integers(1, side)] * 2)))
    stack = _Stack(shape)
    for recipe in draw(st.lists(_recipes(channels), max_size=depth)):
        _add(stack, recipe)
    trains = any(layer.trains() for layer in stack.layers)
    if not (trains and scores is None and draw(st.integers(0, 3)) == 3):
        if len(stack.shape) == 3:
            stack.add(nn.Flatten, (math.prod(stack.shape),))
        classes = draw(st.integers(1, channels))
        stack.add(nn.Linear, (classes,), stack.shape[0], classes)
    net = nn.Sequential(*stack.layers)
    return Net(net, (n, *shape), (n, *stack.shape), tuple(stack.told))
