"""Latents in a few bits each, packed without gaps: CONTRACT.md section 6 has the rules.

Element i of a sample, in row-major order, has the bits i*bits to (i+1)*bits - 1 of the sample's
bytes, the least significant bit of a byte first; what the last byte has left is 0.
"""

from __future__ import annotations

import math

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.sums import Shape
from tinycl.ops.rows import U8Array
from tinycl.ops.spec import Arg, Attr, expect, operation

BITS = Attr("bits", least=4)


def packed_bytes(elements: int, bits: int) -> int:
    """Return the bytes that the elements of one sample take."""
    return -(-elements * bits // 8)


def _check_bits(name: str, bits: int) -> None:
    if bits > 8:
        raise ShapeError(f"{name}: bits is {bits}; it takes 4 to 8")


def _one(name: str, tensor: str, shape: Shape) -> None:
    if shape != (1,):
        raise ShapeError(f"{name}: {tensor} has shape {shape}; it needs (1,)")


def _quantise_shapes(x: Shape, scale: Shape, *, bits: int) -> tuple[Shape, ...]:
    name = "quantise_latents"
    _check_bits(name, bits)
    if not 2 <= len(x) <= 4:
        raise ShapeError(f"{name}: x has shape {x}; it needs 2 to 4 axes, samples first")
    _one(name, "scale", scale)
    return ((x[0], packed_bytes(math.prod(x[1:]), bits)),)


@operation(
    inputs=(Arg("x", "n c h w"), Arg("scale", "one")),
    outputs=(Arg("packed", "n byte", "u8"),),
    attrs=(BITS,),
    shapes=_quantise_shapes,
)
@quiet
def quantise_latents(
    x: F32Array, scale: F32Array, *, bits: int, contract: Contract = DEFAULT
) -> U8Array:
    """Pack latents.

    Parameters
    ----------
    x : ndarray of float32, shape (n, ...), two to four axes
    scale : ndarray of float32, shape (1,)
        The step from one level to the next.
    bits : int
        4 to 8.
    contract : Contract

    Returns
    -------
    ndarray of uint8, shape (n, ceil(elements*bits/8))
        Level half_even(x/scale), between 0 and 2^bits - 1. It is 0 where x/scale is a NaN, and
        where scale is 0.

    Raises
    ------
    ShapeError
        Shapes or bits that do not fit.
    """
    one, top = Arithmetic(contract), np.float32(2**bits - 1)
    ratio = one.div(x.reshape(len(x), -1), scale[0])
    used = (ratio > 0) & (one.read(scale)[0] != 0)
    level = np.where(used, np.rint(np.minimum(ratio, top)), np.float32(0)).astype(np.uint8)
    each = level[:, :, None] >> np.arange(bits, dtype=np.uint8) & np.uint8(1)
    return np.packbits(each.reshape(len(x), -1), axis=1, bitorder="little")


def _dequantise_shapes(
    packed: Shape, scale: Shape, *, bits: int, image: tuple[int, ...]
) -> tuple[Shape, ...]:
    name = "dequantise_latents"
    _check_bits(name, bits)
    expect(name, "packed", packed, 2, "n byte")
    _one(name, "scale", scale)
    needed = packed_bytes(math.prod(image), bits)
    if packed[1] != needed:
        raise ShapeError(
            f"{name}: packed has shape {packed}; {bits} bits for each element of {image} "
            f"need {needed} bytes a sample"
        )
    return ((packed[0], *image),)


@operation(
    inputs=(Arg("packed", "n byte", "u8"), Arg("scale", "one")),
    outputs=(Arg("x", "n c h w"),),
    attrs=(BITS, Attr("image", count=3, least=1)),
    shapes=_dequantise_shapes,
)
def dequantise_latents(
    packed: U8Array,
    scale: F32Array,
    *,
    bits: int,
    image: tuple[int, int, int],
    contract: Contract = DEFAULT,
) -> F32Array:
    """Unpack latents.

    Parameters
    ----------
    packed : ndarray of uint8, shape (n, ceil(c*h*w*bits/8))
    scale : ndarray of float32, shape (1,)
    bits : int
        4 to 8.
    image : tuple of int
        c, h, w.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c, h, w)
        level*scale.

    Raises
    ------
    ShapeError
        Shapes or bits that do not fit.
    """
    n, count = len(packed), math.prod(image)
    each = np.unpackbits(packed, axis=1, count=count * bits, bitorder="little")
    level = each.reshape(n, count, bits) @ (1 << np.arange(bits))
    return Arithmetic(contract).mul(level.astype(np.float32), scale[0]).reshape(n, *image)


def _scale_shapes(a_max: Shape, *, bits: int) -> tuple[Shape, ...]:
    _check_bits("latent_scale", bits)
    _one("latent_scale", "a_max", a_max)
    return (a_max,)


@operation(
    inputs=(Arg("a_max", "one"),),
    outputs=(Arg("scale", "one"),),
    attrs=(BITS,),
    shapes=_scale_shapes,
)
def latent_scale(a_max: F32Array, *, bits: int, contract: Contract = DEFAULT) -> F32Array:
    """Return a_max/(2^bits - 1), shape (1,): the scale at which a_max is the highest level."""
    return Arithmetic(contract).div(a_max, f32(2**bits - 1))


def _largest_shapes(x: Shape, a_max: Shape) -> tuple[Shape, ...]:
    _one("largest", "a_max", a_max)
    return (a_max,)


@operation(
    inputs=(Arg("x", "i"), Arg("a_max", "one")),
    outputs=(Arg("a_max", "one", updates="a_max"),),
    shapes=_largest_shapes,
)
@quiet
def largest(x: F32Array, a_max: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Keep the largest value so far.

    Parameters
    ----------
    x : ndarray of float32, any shape
    a_max : ndarray of float32, shape (1,)
        The largest before.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (1,)
        The largest of a_max, the elements of x and +0; a NaN is passed over.
    """
    one = Arithmetic(contract)
    values = np.concatenate([one.read(a_max), one.read(x).ravel()])
    return np.array([np.max(values, initial=0, where=values > 0)], np.float32)
