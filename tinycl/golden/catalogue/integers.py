"""Bytes with a scale and a zero point: usual scales, and ends of every range."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.values import Shape, from_bits, plain
from tinycl.golden.catalogue.windows import CONVOLUTIONS, POOLS, Geometry
from tinycl.num import generator
from tinycl.plan import Plan

TOP = (1 << 31) - 1


def cases() -> list[Case]:
    """Return the cases."""
    found: list[Case] = []
    for hardness in ("plain", "hard"):
        is_hard = hardness == "hard"
        for g in CONVOLUTIONS:
            found += _convolutions(g, f"{g.name}_{hardness}", is_hard)
        for g in POOLS:
            x, attrs = (g.n, g.ci, *g.size), {"kernel": g.kernel, **g.attrs}
            found.append(_case("int8_max_pool", f"{g.name}_{hardness}", _image(x, is_hard), attrs))
        for name, shape in (("image", (2, 3, 5, 4)), ("row", (37,))):
            found.append(_case("int8_add", f"{name}_{hardness}", _sum(shape, is_hard)))
            found.append(_case("quantise", f"{name}_{hardness}", _floats(shape, is_hard)))
            found.append(_case("dequantise", f"{name}_{hardness}", _codes(shape, is_hard)))
    return found


Make = Callable[[int], dict[str, Array]]


def _case(kind: str, label: str, make: Make, attrs: dict[str, Any] | None = None) -> Case:
    def build(seed: int) -> tuple[Plan, Inputs]:
        return one_operation(kind, make(seed), attrs or {})

    return Case(f"{kind}/{label}", build)


def some_bytes(seed: int, stream: int, shape: Shape, hard: bool) -> Array:
    """Any bytes; in hard cases most are 0, 1, 127, 128 or 255."""
    size = math.prod(shape)
    drawn = generator.words(seed, stream, 0, size)
    values = drawn >> 24
    if hard:
        ends = np.array((0, 1, 127, 128, 255, 255, 0, 128), np.uint32)[drawn >> 8 & 7]
        values = np.where(drawn & 3, ends, values)
    return values.astype(np.uint8).reshape(shape)


def _whole(seed: int, stream: int, count: int, least: int, most: int) -> Array:
    drawn = generator.integers(most - least + 1, seed, stream, 0, count).astype(np.int64)
    return (drawn + least).astype(np.int32)


def _scales(seed: int, channels: int, hard: bool) -> dict[str, Array]:
    """Scales of sums of some bytes times weights; hard: each end of each range, in turn."""
    if not hard:
        return {
            "bias": _whole(seed, 2, channels, -20000, 20000),
            "multiplier": _whole(seed, 3, channels, 1 << 30, TOP),
            "shift": _whole(seed, 4, channels, 37, 39),
            "zeros": np.array([13, 101], np.int32),
        }
    ends = np.arange(2, channels + 2) % 6  # an only channel gives many bytes
    return {
        "bias": np.array((TOP, -TOP - 1, 77, -(1 << 20), 1 << 20, 0), np.int64)[ends].astype(
            np.int32
        ),
        "multiplier": np.array((TOP, TOP, 1 << 30, TOP, (1 << 30) + 1, 1 << 30), np.int32)[ends],
        "shift": np.array((62, 61, 36, 43, 42, 1), np.int32)[ends],
        "zeros": np.array([255, 128], np.int32),
    }


def _convolutions(g: Geometry, label: str, hard: bool) -> list[Case]:
    def make(weight: Shape) -> Make:
        def values(seed: int) -> dict[str, Array]:
            x = some_bytes(seed, 0, (g.n, g.ci, *g.size), hard)
            w = some_bytes(seed, 1, weight, hard).view(np.int8)
            return {"x": x, "w": w, **_scales(seed, weight[0], hard)}

        return values

    found = [
        _case("int8_conv2d", label, make((g.co, g.ci, *g.kernel)), g.attrs),
        _case("int8_depthwise", label, make((g.ci, *g.kernel)), g.attrs),
    ]
    if g.padding == (0, 0, 0, 0):
        found.append(_case("int8_pointwise", label, make((g.co, g.ci))))
    return found


def _image(shape: Shape, hard: bool) -> Make:
    return lambda seed: {"x": some_bytes(seed, 0, shape, hard)}


def _sum(shape: Shape, hard: bool) -> Make:
    usual = ((1200000000, 700000011), 31, (3, 200, 100))
    multiplier, shift, zeros = ((TOP, TOP - 1), 31, (255, 0, 127)) if hard else usual
    return lambda seed: {
        "a": some_bytes(seed, 0, shape, hard),
        "b": some_bytes(seed, 1, shape, hard),
        "multiplier": np.array(multiplier, np.int32),
        "shift": np.array([shift], np.int32),
        "zeros": np.array(zeros, np.int32),
    }


# Halves, what is just beside them, numbers beyond every byte, and what is none.
NEAR = (0.5, 1.5, -0.5, 2.5, 254.5, 255.5, -1.5, 1e30, -1e30, 0.0)
SPECIAL = (0x7FC00000, 0x7F800000, 0xFF800000, 0x00000001, 0x80000001, 0x80000000, 0x3EFFFFFF)


def _floats(shape: Shape, hard: bool) -> Make:
    def values(seed: int) -> dict[str, Array]:
        x = plain(seed, 0, shape)
        if hard:
            near = np.array(NEAR, np.float32)[generator.integers(len(NEAR), seed, 1, 0, x.size)]
            x = near.reshape(shape)
            x.flat[: len(SPECIAL)] = from_bits(SPECIAL)
        scale = np.array([1 if hard else 0.0079], np.float32)
        return {"x": x, "scale": scale, "zero": np.array([3 if hard else 95], np.int32)}

    return values


def _codes(shape: Shape, hard: bool) -> Make:
    def values(seed: int) -> dict[str, Array]:
        tiny = 0x00000003 if len(shape) > 1 else 0x80000000
        scale = from_bits([tiny if hard else 0x3C01A36E])
        zero = np.array([255 if hard else 95], np.int32)
        return {"q": some_bytes(seed, 0, shape, hard), "scale": scale, "zero": zero}

    return values
