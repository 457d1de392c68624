"""Memories of packed latents and their places, on written numbers and against plain Python."""

import numpy as np
import pytest

from tests.ops.examples import i32, refused
from tinycl import bits, ops

INF, NAN = np.inf, np.nan


def f32(*values):
    return np.array(values, np.float32)


def packed(values, scale, width):
    return ops.quantise_latents(f32(*values)[None], f32(scale), bits=width)[0].tolist()


def test_levels():
    assert packed([0.5, 1.5, 2.5, 254.5, 255.5, 1e30, -1, -0.0], 1, 8) == [
        *(0, 2, 2, 254, 255, 255, 0, 0),
    ]
    assert packed([NAN, INF, -INF, 1], 1, 8) == [0, 255, 0, 1]
    assert packed([1, INF, NAN, -1], 0, 8) == packed([1, INF, NAN, -1], -0.0, 8) == [0] * 4
    assert packed([1, INF], NAN, 8) == [0, 0]
    assert packed([INF, 3e38], INF, 8) == [0, 0]  # Inf/Inf, and 0


def test_bits_stand_without_gaps():
    """Seven bits each, the lowest first: 1, 2 and 127 are 0000001 0000010 1111111."""
    assert packed([1, 2, 127], 1, 7) == [0b00000001, 0b11000001, 0b00011111]
    assert packed([1, 2, 15], 1, 4) == [0x21, 0x0F]


@pytest.mark.parametrize("width", [4, 5, 6, 7, 8])
def test_levels_come_back(width):
    level = np.arange(3 * 2**width, dtype=np.float32).reshape(3, 1, 2**width, 1) % 2**width
    scale = f32(0.25)
    made = ops.quantise_latents(level * scale, scale, bits=width)
    assert made.nbytes == -(-level.size * width // 8)
    back = ops.dequantise_latents(made, scale, bits=width, image=level.shape[1:])
    assert bits.equal(back, level * scale)


def test_the_largest_is_the_highest_level():
    x = f32(0.3, NAN, 7.7, -9).reshape(1, 1, 2, 2)
    a_max = ops.largest(x, f32(0))
    assert a_max.tolist() == f32(7.7).tolist()
    scale = ops.latent_scale(a_max, bits=6)
    made = ops.quantise_latents(x, scale, bits=6)
    assert ops.dequantise_latents(made, scale, bits=6, image=(1, 2, 2))[0, 0, 1, 0] == 63 * scale[0]


def test_the_largest_of_nothing_above_zero():
    for a_max in (0.0, -0.0, -3.0, NAN):
        assert bits.words(ops.largest(f32(-1, NAN, -0.0), f32(a_max))).tolist() == [0]
    assert ops.largest(f32(1, INF, NAN), f32(2)).tolist() == [INF]


def test_wrong_latents():
    refused("quantise_latents", "bits is 9", "4 to 8", bits=9)
    refused("dequantise_latents", "(2, 14)", "12 bytes a sample", bits=6)
    refused("dequantise_latents", "(3, 1, 6)", "16 bytes", image=(3, 1, 6))
    refused("latent_scale", "bits is 12", bits=12)


def test_places_outside_a_memory():
    x, y = np.zeros((3, 2), np.float32), np.ones((2, 2), np.float32)
    for bad in (-2, 3):
        told = f"places[0, 1] is {bad}", "-1 to 2"
        refused("put_rows", *told, tensors=(x, y, i32([0, bad])))
    refused("gather_bytes", "index[0, 0] is -1", "0 to 2", tensors=(x.astype("u1"), i32([-1])))


def test_the_last_of_several_rows_stays():
    x = ops.put_labels(i32(0, 0), i32(1, 2, 3, 4), i32([1, 0, 1, -1]))
    assert x.tolist() == [2, 3]


def test_an_order_begins_again():
    """Turn 2^32 - 1 of slices of 3: 3*(2^32 - 1) mod 5 is 0."""
    order = i32(9, 8, 7, 6, 5)
    assert ops.take_turn(order, i32(-1), count=3).tolist() == [[9, 8, 7]]
    assert ops.take_turn(order, i32(1), count=4).tolist() == [[5, 9, 8, 7]]
    assert ops.take_turn(order, i32(0), count=7).tolist() == [[9, 8, 7, 6, 5, 9, 8]]
