"""The operators themselves: add, sub, mul, div, mac, sqrt, exp, log, compare."""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS, pairs, triples
from tinycl.golden.catalogue.values import from_bits, plain
from tinycl.num import generator
from tinycl.ops import TABLE
from tinycl.plan import Plan

NAMES = ("add", "sub", "mul", "div", "mac", "sqrt", "exp", "log", "compare")
POSITIVE = ("sqrt", "log")


def cases() -> list[Case]:
    """Return the cases."""
    return [made for kind in NAMES for made in (_plain(kind), _hard(kind))]


def _plain(kind: str) -> Case:
    names = [a.name for a in TABLE[kind].inputs]

    def make(seed: int) -> tuple[Plan, Inputs]:
        inputs = {n: plain(seed, i, (3, 5, 7, 2)) for i, n in enumerate(names)}
        if kind in POSITIVE:
            inputs = {n: np.abs(v) for n, v in inputs.items()}
        return one_operation(kind, inputs, {})

    return Case(f"{kind}/values_plain", make)


def _hard(kind: str) -> Case:
    names = [a.name for a in TABLE[kind].inputs]

    def make(seed: int) -> tuple[Plan, Inputs]:
        operands: tuple[Array, ...] = _singles(seed)
        if len(names) > 1:
            operands = pairs() if len(names) == 2 else triples(seed)
        return one_operation(kind, dict(zip(names, operands, strict=True)), {})

    return Case(f"{kind}/patterns_hard", make)


def _singles(seed: int) -> tuple[Array]:
    """Return the patterns, 1000 words as they come, and 500 values from 2^-12 to 2^7."""
    words = generator.words(seed, 0, 0, 1500).astype(np.int64)
    near = (words[1000:] & 1) << 31 | 115 + (words[1000:] >> 1) % 19 << 23 | words[1000:] >> 9
    return (np.concatenate([PATTERNS, from_bits(words[:1000]), from_bits(near)]),)
