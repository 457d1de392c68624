"""Replay memories: rows of bytes, of labels, of values; places that move on with a turn."""

from __future__ import annotations

import math

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import KINDS, Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import Shape, choice, plain
from tinycl.num import generator
from tinycl.plan import Plan

# Rows of the memory, what lies behind them, places: in order; repeated, some nowhere.
ROWS: dict[str, tuple[int, Shape, tuple[int, ...]]] = {
    "plain": (6, (13,), (0, 2, 3, 5)),
    "hard": (5, (7,), (4, -1, 4, 0, -1, 0, 2)),
}
# Count, turn, entries of the order.
TURNS = {"plain": (5, 3, 17), "hard": (7, -2, 19)}

# Bits, shape of the latents. Rows end inside a byte, and inside a word.
LATENTS: dict[str, tuple[int, tuple[int, int, int, int]]] = {
    "eight_bits_plain": (8, (2, 3, 3, 5)),
    "seven_bits_plain": (7, (3, 2, 3, 3)),
    "six_bits_hard": (6, (3, 1, 5, 3)),
    "five_bits_hard": (5, (2, 3, 3, 3)),
    "four_bits_hard": (4, (3, 3, 1, 3)),
}
SCALES = {"zero": -0.0, "subnormal": 2.0**-130 + 2.0**-149, "infinite": np.inf}


def cases() -> list[Case]:
    """Return the cases."""
    found = [_quantise(label, *of) for label, of in LATENTS.items()]
    found += [_quantise(f"{k}_scale_hard", 7, (1, 2, 5, 13), s) for k, s in SCALES.items()]
    found += [_dequantise(label, *of) for label, of in LATENTS.items()]
    found += [_scale(f"{label}_hard", value) for label, value in SCALES.items()]
    found += [_scale("six_bits_plain", 5.1), _scale("four_bits_plain", 5.1, 4)]
    found += [_scale("eight_bits_plain", 5.1, 8), *(_largest(hardness) for hardness in KINDS)]
    for hardness in KINDS:
        for kind in ("gather_bytes", "gather_labels", "put_bytes", "put_labels", "put_rows"):
            found.append(_rows(kind, hardness))
        found += [_concat(kind, hardness) for kind in ("concat_rows", "concat_labels")]
        found += [_turn(kind, hardness) for kind in ("turn_places", "take_turn")]
    return found


def bytes_of(seed: int, stream: int, shape: Shape) -> Array:
    """Return random bytes."""
    words = generator.words(seed, stream, 0, math.prod(shape))
    return (words >> np.uint32(24)).astype(np.uint8).reshape(shape)


def _values(kind: str, seed: int, stream: int, shape: Shape, hardness: str) -> Array:
    if kind.endswith("bytes"):
        return bytes_of(seed, stream, shape)
    if kind.endswith("labels"):
        return generator.words(seed, stream, 0, shape[0]).view(np.int32)
    if hardness == "plain":
        return plain(seed, stream, shape)
    return choice(seed, stream, shape, PATTERNS)


def _rows(kind: str, hardness: str) -> Case:
    n, behind, places = ROWS[hardness]

    def make(seed: int) -> tuple[Plan, Inputs]:
        last = () if kind.endswith("labels") else behind
        inputs = {"x": _values(kind, seed, 0, (n, *last), hardness)}
        if kind.startswith("gather"):
            inputs["index"] = np.array([[p for p in places if p >= 0]], np.int32)
        else:
            inputs["y"] = _values(kind, seed, 1, (len(places), *last), hardness)
            inputs["places"] = np.array([places], np.int32)
        return one_operation(kind, inputs, {})

    return Case(f"{kind}/rows_{hardness}", make)


def _concat(kind: str, hardness: str) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        last = () if kind == "concat_labels" else (3, 2, 2)
        shapes = {"a": (3, *last), "b": (5, *last)}
        inputs = {
            name: _values(kind, seed, stream, shape, hardness)
            for stream, (name, shape) in enumerate(shapes.items())
        }
        return one_operation(kind, inputs, {})

    return Case(f"{kind}/rows_{hardness}", make)


def _turn(kind: str, hardness: str) -> Case:
    count, turn, entries = TURNS[hardness]

    def make(seed: int) -> tuple[Plan, Inputs]:
        inputs: dict[str, Array] = {"turn": np.array([turn], np.int32)}
        if kind == "take_turn":
            inputs["order"] = generator.permutation(entries, seed, 0)
        return one_operation(kind, inputs, {"count": count})

    return Case(f"{kind}/slice_{hardness}", make)


def _quantise(label: str, bits: int, shape: tuple[int, ...], scale: float | None = None) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        if label.endswith("_plain"):
            x = plain(seed, 0, shape)
        elif scale is None:  # halves of levels between hard values
            x = np.rint(plain(seed, 0, shape) * np.float32(80)) * np.float32(0.5)
            x = np.where(plain(seed, 1, shape) < 0, choice(seed, 2, shape, PATTERNS), x)
        else:
            x = PATTERNS[: math.prod(shape)].copy()
            x = np.concatenate([x, -x, x])[: math.prod(shape)].reshape(shape)
        step = 1.25 / (2**bits - 1) if label.endswith("_plain") else 1.0
        inputs = {"x": x, "scale": np.array([step if scale is None else scale], np.float32)}
        return one_operation("quantise_latents", inputs, {"bits": bits})

    return Case(f"quantise_latents/{label}", make)


def _dequantise(label: str, bits: int, shape: tuple[int, int, int, int]) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        packed = bytes_of(seed, 0, (shape[0], -(-math.prod(shape[1:]) * bits // 8)))
        steps = {4: -0.0, 5: -(2.0**-149), 6: 2.0**-127 + 2.0**-140}
        scale = np.array([steps.get(bits, 1.25 / (2**bits - 1))], np.float32)
        inputs = {"packed": packed, "scale": scale}
        return one_operation("dequantise_latents", inputs, {"bits": bits, "image": shape[1:]})

    return Case(f"dequantise_latents/{label}", make)


def _scale(label: str, a_max: float, bits: int = 6) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        inputs = {"a_max": np.array([a_max], np.float32)}
        return one_operation("latent_scale", inputs, {"bits": bits})

    return Case(f"latent_scale/{label}", make)


def _largest(hardness: str) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        x = PATTERNS[:, None] if hardness == "hard" else plain(seed, 0, (3, 2, 5, 5))
        a_max = np.array([-0.0 if hardness == "hard" else 0.5], np.float32)
        return one_operation("largest", {"x": np.minimum(x, np.float32(9)), "a_max": a_max}, {})

    return Case(f"largest/values_{hardness}", make)
