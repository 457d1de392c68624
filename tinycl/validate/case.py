"""One case: a kernel, sizes, a class of values, a seed; its tensors, and what is expected of it."""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.ops import TABLE, Operation
from tinycl.validate.table import HWC, INTEGERS, KERNELS, STRUCTS, Kernel
from tinycl.validate.values import fill

Tensors = dict[str, Array]
RATES = ("lr", "momentum", "weight_decay")


@dataclass(frozen=True)
class Case:
    """What a kernel is called with.

    Attributes
    ----------
    name : str
        Of the kernel.
    sizes : tuple of (str, int)
        The fields of its shape struct.
    optional : bool
        Whether the bias or velocity is there.
    values : str
        One of `tinycl.validate.values.CLASSES`.
    seed : int
    cores : int
    given : tuple of (str, bytes), optional
        Tensors that replace those of the seed.
    """

    name: str
    sizes: tuple[tuple[str, int], ...]
    optional: bool = True
    values: str = "plain"
    seed: int = 0
    cores: int = 1
    given: tuple[tuple[str, bytes], ...] = ()

    @property
    def kernel(self) -> Kernel:
        """Its row of the table."""
        return KERNELS[self.name]

    @property
    def row(self) -> Operation:
        """The operation that says what is right."""
        return TABLE[self.kernel.operation]

    @property
    def size(self) -> Mapping[str, int]:
        """The sizes by name."""
        return dict(self.sizes)

    @property
    def tensors(self) -> tuple[str, ...]:
        """Names of the inputs that are there, and of outputs that work in place."""
        kernel = self.kernel
        names = (*kernel.inputs, *(kernel.outputs if kernel.in_place else ()))
        return tuple(n for n in names if self.optional or n != kernel.optional)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs that are there."""
        kernel = self.kernel
        return tuple(n for n in kernel.outputs if self.optional or n != kernel.optional)

    @property
    def weight(self) -> tuple[int, ...]:
        """How large it is, for the smallest of several."""
        total = sum(v for _, v in self.sizes)
        return (total, self.cores, self.optional, self.values != "plain", self.seed)

    def but(self, **changes: Any) -> Case:
        """Return the case with some fields changed."""
        return replace(self, **changes)

    def data(self) -> Tensors:
        """Return the input tensors, and those in place, as in CHW."""
        return _data(self)

    def expected(self, contract: Contract = DEFAULT) -> Tensors:
        """Return what the specification says of the outputs."""
        return _expected(self, contract)

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the operation."""
        size = self.size
        found: dict[str, Any] = {}
        for attr in self.row.attrs:
            if attr.name == "stride":
                found[attr.name] = (size["stride_h"], size["stride_w"])
            elif attr.name == "padding":
                found[attr.name] = tuple(size[f"pad_{e}"] for e in _EDGES)
            elif attr.name == "kernel":
                found[attr.name] = (size["kh"], size["kw"])
            elif attr.name == "size":
                found[attr.name] = (size["h"], size["w"])
            elif attr.name in RATES:
                found[attr.name] = self.rates()[attr.name]
            else:
                found[attr.name] = size[attr.name]
        return found

    def rates(self) -> dict[str, float]:
        """Return what SGD is called with."""
        generator = np.random.default_rng(self.seed + 1)
        lr, momentum, decay = (float(np.float32(v)) for v in generator.uniform(0.01, 0.9, 3))
        plain = {"lr": lr, "momentum": momentum, "weight_decay": decay if self.seed % 3 else 0.0}
        return plain | ({} if self.optional else {"momentum": 0.0})

    def packed(self) -> bytes:
        """Return the shape struct."""
        size = self.size
        fields = [size[name] for name in STRUCTS[self.kernel.family].split()]
        rates = list(self.rates().values()) if self.kernel.family == "sgd" else []
        return struct.pack(f"={len(fields)}i{len(rates)}f", *fields, *rates)

    def operands(self, data: Tensors) -> list[Array | None]:
        """Return the tensors in the order of the operation's own inputs."""
        if self.name == "matmul":
            a = data["a"].T if self.size["transpose_a"] else data["a"]
            b = data["b"].T if self.size["transpose_b"] else data["b"]
            return [np.ascontiguousarray(a), np.ascontiguousarray(b.T)]
        return [data.get(arg.name) for arg in self.row.inputs]


_EDGES = ("top", "bottom", "left", "right")


@functools.lru_cache(maxsize=256)
def _data(case: Case) -> Tensors:
    generator = np.random.default_rng(case.seed)
    kernel, size, given = case.kernel, case.size, dict(case.given)
    found: Tensors = {}
    for name in case.tensors:
        shape = kernel.shape(name, size)
        if name in given:
            kind = np.int32 if name in INTEGERS else np.float32
            found[name] = np.frombuffer(given[name], kind).reshape(shape)
        elif name == "target":
            found[name] = generator.integers(0, size["classes"], shape).astype(np.int32)
        elif name == "index":
            forward = {"kernel": (size["kh"], size["kw"]), **case.attributes()}
            image = fill((size["n"], size["c"], size["h"], size["w"]), "plain", generator)
            forward.pop("size")
            found[name] = TABLE["max_pool_forward"].function(image, **forward)[1]
        elif name == "p" and case.values != "hard":
            found[name] = generator.random(shape, np.float32)
        else:
            found[name] = fill(shape, case.values, generator)
    return found


@functools.lru_cache(maxsize=256)
def _expected(case: Case, contract: Contract) -> Tensors:
    result = compute(case, case.operands(case.data()), contract)
    return {name: result[name] for name in case.outputs}


def compute(case: Case, operands: list[Array | None], contract: Contract, **other: Any) -> Tensors:
    """Run the specification on other tensors or attributes than the case's own."""
    row = case.row
    with np.errstate(all="ignore"):
        result = row.function(*operands, contract=contract, **{**case.attributes(), **other})
    arrays = result if isinstance(result, tuple) else (result,)
    return {arg.name: value for arg, value in zip(row.outputs, arrays, strict=True)}


def stored(value: Array, hwc: bool) -> Array:
    """Return a CHW tensor as the kernel's layout has it."""
    order = HWC.get(value.ndim) if hwc else None
    return np.ascontiguousarray(value if order is None else value.transpose(order))


def as_stored(shape: tuple[int, ...], hwc: bool) -> tuple[int, ...]:
    """Return the shape that a CHW shape has in the kernel's layout."""
    order = HWC.get(len(shape)) if hwc else None
    return shape if order is None else tuple(shape[i] for i in order)


def loaded(value: Array, hwc: bool) -> Array:
    """Return a tensor of the kernel's layout as CHW."""
    order = HWC.get(value.ndim) if hwc else None
    return value if order is None else value.transpose(np.argsort(order))
