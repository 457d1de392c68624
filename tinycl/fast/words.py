"""The words of one call: what `call` lays out, from tensors, attributes and a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.contract import Contract
from tinycl.fast import call, registry
from tinycl.fast.choose import SUMS
from tinycl.fast.micro import BIAS_FIRST, BIAS_LAST, TWO_ROUNDINGS
from tinycl.fast.updates import Update
from tinycl.ops.spec import Operation

MACS = ("fma", "mul_add", "fma_via_double")
BYTE_PRODUCTS = ("int8_conv2d", "int8_pointwise")
REDUCTIONS = ("sequential", "lanes", "grouped", "blocks", "split")


def operation_words(
    row: Operation,
    tensors: Sequence[Array | None],
    attrs: Mapping[str, Any],
    contract: Contract,
    flags: int = 0,
    gate: Array | None = None,
    update: Update | None = None,
    state: Sequence[Array] = (),
    bias: Array | None = None,
) -> NDArray[np.int64]:
    """Return the block of a call; scratch memory is still to be named in it.

    Parameters
    ----------
    row : Operation
    tensors : sequence of ndarray or None
        Inputs, then outputs, as in the row. They must outlive the block.
    attrs : mapping
    contract : Contract
    flags : int
        What is fused: RELU, RELU6, MASK, SGD.
    gate : ndarray, optional
        Of MASK.
    update : Update, optional
        Of SGD.
    state : sequence of ndarray
        Its weights, and their velocities if they have any.
    bias : ndarray, optional
        The gradient of a bias that the kernel computes besides.
    """
    given = tensors[: len(row.inputs)]
    words = _header(contract)
    tiles = "int8_tiles" if row.name in BYTE_PRODUCTS else "tiles"
    words[call.TILES] = registry.tile_table(tiles).ctypes.data
    flags |= TWO_ROUNDINGS if contract.mac == "mul_add" else 0
    if row.name in SUMS and row.name.endswith("_forward") and given[2] is not None:
        flags |= BIAS_FIRST if contract.bias == "start" else BIAS_LAST
    words[call.FUSED], words[call.GATE] = flags, 0 if gate is None else gate.ctypes.data
    words[call.BIAS_GRAD] = 0 if bias is None else bias.ctypes.data
    if update is not None:
        words[call.WEIGHT] = state[0].ctypes.data
        words[call.VELOCITY] = state[1].ctypes.data if update.velocity else 0
        rates = (update.lr, update.momentum, update.decay)
        words[call.LR : call.DECAY + 1] = [_bits(rate) for rate in rates]
    words += [word for tensor in tensors for word in _tensor(tensor)]
    values = row.attributes(attrs)
    words += [word for a in row.attrs for word in _attribute(a.kind, values[a.name])]
    return np.array(words, np.int64)


def _header(c: Contract) -> list[int]:
    words: list[Any] = [0] * call.HEADER
    words[call.MAC], words[call.FLUSH] = MACS.index(c.mac), c.subnormals == "flush"
    words[call.REDUCTION], words[call.SIZE] = REDUCTIONS.index(c.reduction.kind), c.reduction.n
    words[call.PAIRWISE], words[call.FIRST] = c.reduction.join == "pairwise", c.start != "zero"
    words[call.BIAS_FIRST], words[call.SPATIAL] = c.bias == "start", c.taps == "spatial_major"
    words[call.BY_WEIGHT] = c.input_grad_taps == "by_weight"
    words[call.SKIP], words[call.PER_SAMPLE] = c.padding == "skip", c.batch == "per_sample"
    return [int(w) for w in words]


def _tensor(tensor: Array | None) -> list[int]:
    if tensor is None:
        return [0] * call.TENSOR
    axes = (*tensor.shape, 1, 1, 1, 1, 1)[: call.TENSOR - 3]
    return [tensor.ctypes.data, tensor.size, tensor.ndim, *axes]


def _attribute(kind: str, value: Any) -> list[int]:
    if kind == "f32":
        return [_bits(value)]
    return list(value) if isinstance(value, tuple) else [value]


def _bits(value: float) -> int:
    return int(np.float32(value).view(np.int32))
