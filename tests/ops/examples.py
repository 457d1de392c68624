"""One valid call of each operation, (tensors, attributes), in which hardly two sizes agree."""

import numpy as np
import pytest

from tinycl.errors import ShapeError
from tinycl.ops import TABLE


def ramp(*shape):
    """Make a float32 tensor of distinct small values of both signs."""
    count = int(np.prod(shape))
    return ((np.arange(count) * 7 % (count + 4) - count / 2) / 8).astype(np.float32).reshape(shape)


def i32(*values):
    return np.array(values, np.int32)


def ramp_of_bytes(*shape, dtype=np.uint8):
    """Make a tensor of bytes that differ from their neighbours."""
    values = np.arange(int(np.prod(shape))) * 37 % 251
    return values.astype(np.uint8).view(dtype).reshape(shape)


def scales(channels):
    """Make bias, multiplier, shift and zeros of an operation on bytes."""
    places = np.arange(channels, dtype=np.int32)
    return places * 1001 - 1000, places + (1 << 30), places + 36, i32(17, 120)


# An image 4x5 under a 3x2 kernel with stride (1, 2) and padding (1, 0, 0, 1): outputs 3x3.
WINDOW = {"stride": (1, 2), "padding": (1, 0, 0, 1)}
KERNEL, SIZE = {"kernel": (3, 2)}, {"size": (4, 5)}
X, DY = ramp(2, 3, 4, 5), ramp(2, 4, 3, 3)
W = ramp(4, 3, 3, 2)
CHANNELS_DY, CHANNELS_W = ramp(2, 3, 3, 3), ramp(3, 3, 2)
DENSE_DY = ramp(2, 4, 4, 5)
# Each window's place is the row and column at which it starts, moved into the image.
INDEX = np.broadcast_to(i32(0, 2, 4, 0, 2, 4, 5, 7, 9).reshape(3, 3), (2, 3, 3, 3)).copy()
STEP = {"lr": 0.1, "weight_decay": 0.01}
P = np.full((2, 5), 0.2, np.float32)
MEAN, STD = ramp(3), abs(ramp(3)) + np.float32(0.5)
ROWS = (ramp(3) / 2, STD / 4, ramp(3)[::-1].copy())  # gamma, r, d
CHANCE = {"seed": 1, "stream": 2, "count": 9}

ONE_DY, FEATURES = ramp(2, 3), (i32(1, 2), i32([2, -1], [0, 1]))
ENTRIES, PLACES = (i32(2, 3), i32([4, 35, -1], [0, 17, 18])), (i32(1), i32([1, 2, -1]))
OWN, ONLY = (i32(2, 3), i32([4, 26, -1], [0, 17, 18])), {"channels": 1}
# Entries of each sample, channels shared by all samples, features of a linear layer.
SPARSE = {
    "conv2d_sparse_weight_grad": ((X, DY, *ENTRIES), {**WINDOW, **KERNEL, "channels": 0}),
    "conv2d_sparse_input_grad": ((W, DY, *ENTRIES), {**WINDOW, **SIZE, "channels": 0}),
    "depthwise_sparse_weight_grad": ((X, CHANNELS_DY, *OWN), {**WINDOW, **KERNEL, "channels": 0}),
    "depthwise_sparse_input_grad": (
        (CHANNELS_W, CHANNELS_DY, *OWN),
        {**WINDOW, **SIZE, "channels": 0},
    ),
    "pointwise_sparse_weight_grad": ((X, DENSE_DY, *PLACES), ONLY),
    "pointwise_sparse_input_grad": ((ramp(4, 3), DENSE_DY, *PLACES), ONLY),
    "linear_sparse_weight_grad": ((ramp(2, 5), ONE_DY, *FEATURES), {}),
    "linear_sparse_input_grad": ((ramp(3, 5), ONE_DY, *FEATURES), {}),
    "sparse_bias_grad": ((DY, *ENTRIES), {"channels": 0}),
    "sampled_bias_grad": ((DY, i32(0, 1)), {}),
    "magnitude_sum": ((X,), {}),
    "entry_magnitudes": ((X,), {}),
    "channel_magnitudes": ((X,), {}),
    "axis_squares": ((W,), {"axis": 1}),
    "running_max": ((abs(ramp(5)), ramp(1)), {}),
    "tinyprop_decide": (
        (abs(ramp(5)), ramp(1)),
        {"d_min": 0.0, "d_max": 1.0, "factor": 1.0, "threshold": 0.5, "remember": 1},
    ),
    "tinyprop_count": (
        (abs(ramp(3)), abs(ramp(3)), i32(0, 1, 1)),
        {"entries": 9, "s_min": 0.1, "s_max": 0.9, "zeta": 0.5, "half_even": 0},
    ),
    "top_k": ((DY, i32(2, 40)), {"k": 7}),
    "gather": ((X, i32([3, 0, 3])), {"axis": 2}),
    "scatter": ((X, ramp(2, 3, 3, 5), i32([3, 0, 3])), {"axis": 2}),
    "gate_bits": ((X,), {"below": 6.0}),
    "gate_grad": ((i32(-1, 7, 1 << 30, 5), X), {}),
}
BYTES, WEIGHTS = ramp_of_bytes(2, 3, 4, 5), ramp_of_bytes(4, 3, 3, 2, dtype=np.int8)
INTEGERS = {
    "quantise": ((X, np.float32([0.0625]), i32(100)), {}),
    "dequantise": ((BYTES, np.float32([0.1]), i32(100)), {}),
    "int8_conv2d": ((BYTES, WEIGHTS, *scales(4)), WINDOW),
    "int8_depthwise": ((BYTES, WEIGHTS[0].copy(), *scales(3)), WINDOW),
    "int8_pointwise": ((BYTES, WEIGHTS[:, :, 0, 0].copy(), *scales(4)), {}),
    "int8_add": (
        (BYTES, BYTES[::-1].copy(), i32(1 << 30, 1 << 29), i32(31), i32(3, 200, 100)),
        {},
    ),
    "int8_max_pool": ((BYTES,), {**WINDOW, **KERNEL}),
}

NORMALISED = {
    "channel_moments": ((X,), {}),
    "deviation": ((abs(ramp(3, 2)),), {"eps": 1e-5}),
    "moving_average": ((ramp(5), ramp(5)[::-1].copy()), {"rate": 0.1, "scale": 1.25}),
    "renorm_corrections": ((MEAN, STD, MEAN / 2, STD * 3), {"rmax": 1.5, "dmax": 0.5}),
    "normalise_forward": ((X, MEAN, STD, ROWS[0], -MEAN, *ROWS[1:]), {}),
    "normalise_weight_grad": ((X, MEAN, STD, X / 4, *ROWS[1:]), {}),
    "normalise_input_grad": ((STD, ROWS[0], X, ROWS[1]), {}),
    "batch_norm_input_grad": ((X, MEAN, STD, ROWS[0], X / 4, ROWS[1]), {}),
    "fold_norm": ((W, ramp(4), *(ramp(4) / k for k in (2, 3, 4)), abs(ramp(4)) + 1), {}),
    "channel_scale_forward": ((X, ramp(2, 3, 1, 1)), {}),
    "channel_scale_input_grad": ((ramp(2, 3, 1, 1), X), {}),
    "channel_scale_gate_grad": ((X, X / 4), {}),
    "dropout_forward": ((ramp(3, 2), i32(5)), {"seed": 1, "stream": 2, "rate": 0.25}),
}

EXAMPLES = {
    "conv2d_forward": ((X, W, ramp(4)), WINDOW),
    "conv2d_weight_grad": ((X, DY), {**WINDOW, **KERNEL}),
    "conv2d_bias_grad": ((DY,), {}),
    "conv2d_input_grad": ((W, DY), {**WINDOW, **SIZE}),
    "depthwise_forward": ((X, CHANNELS_W, ramp(3)), WINDOW),
    "depthwise_weight_grad": ((X, CHANNELS_DY), {**WINDOW, **KERNEL}),
    "depthwise_input_grad": ((CHANNELS_W, CHANNELS_DY), {**WINDOW, **SIZE}),
    "pointwise_forward": ((X, ramp(4, 3), ramp(4)), {}),
    "pointwise_weight_grad": ((X, DENSE_DY), {}),
    "pointwise_input_grad": ((ramp(4, 3), DENSE_DY), {}),
    "linear_forward": ((ramp(2, 5), ramp(4, 5), ramp(4)), {}),
    "linear_weight_grad": ((ramp(2, 5), ramp(2, 4)), {}),
    "linear_bias_grad": ((ramp(2, 4),), {}),
    "linear_input_grad": ((ramp(4, 5), ramp(2, 4)), {}),
    "max_pool_forward": ((X,), {**WINDOW, **KERNEL}),
    "max_pool_input_grad": ((CHANNELS_DY, INDEX), {**WINDOW, **KERNEL, **SIZE}),
    "avg_pool_forward": ((X,), {**WINDOW, **KERNEL}),
    "avg_pool_input_grad": ((CHANNELS_DY,), {**WINDOW, **KERNEL, **SIZE}),
    "flatten_forward": ((X,), {}),
    "flatten_input_grad": ((ramp(2, 60),), {"image": (3, 4, 5)}),
    "softmax_cross_entropy_forward": ((ramp(2, 5), i32(4, 0)), {}),
    "softmax_cross_entropy_input_grad": ((P, i32(4, 0)), {"batch": 2}),
    "mean_squared_error_forward": ((ramp(2, 5), ramp(2, 5)[::-1].copy()), {}),
    "mean_squared_error_input_grad": ((ramp(2, 5), ramp(2, 5)[::-1].copy()), {"batch": 2}),
    "mean": ((ramp(5),), {"count": 5}),
    "sgd": ((ramp(5), ramp(5), ramp(5), i32(0, 1)), {**STEP, "momentum": 0.9}),
    "adam": (
        (ramp(5), ramp(5), ramp(5), abs(ramp(5)), np.array([0.1, 0.001], np.float32), i32(0, 1)),
        {**STEP, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    ),
    **SPARSE,
    **INTEGERS,
    **NORMALISED,
    "random_words": ((i32(5),), {**CHANCE, "start": 3}),
    "random_uniform": ((i32(5),), {**CHANCE, "start": 3}),
    "random_permutation": ((i32(5),), CHANCE),
    "next_turn": ((i32(5),), {}),
    "mac": ((ramp(3, 2), ramp(3, 2), ramp(3, 2)), {}),
}
ONE = "relu_forward relu6_forward hard_swish_forward sigmoid_forward sqrt exp log clear"
TWO = "relu_input_grad relu6_input_grad hard_swish_input_grad sigmoid_input_grad"
TWO += " add sub mul div compare accumulate"
EXAMPLES |= {name: ((ramp(3, 2),), {}) for name in ONE.split()}
EXAMPLES |= {name: ((ramp(3, 2), ramp(3, 2)), {}) for name in TWO.split()}


def call(name, *tensors, **attrs):
    """Call the NumPy specification of an operation."""
    return TABLE[name].function(*tensors, **attrs)


def outputs(result):
    """Return the outputs of an operation as a tuple."""
    return result if isinstance(result, tuple) else (result,)


def replaced(name, i, tensor):
    """Return the example's tensors with one replaced."""
    tensors = EXAMPLES[name][0]
    return (*tensors[:i], tensor, *tensors[i + 1 :])


def refused(name, *parts, tensors=None, **attrs):
    """Check that a changed example raises ShapeError, its name in front, with `parts` in it."""
    message = error(name, tensors=tensors, **attrs)
    assert message.startswith(f"{name}: "), message
    for part in parts:
        assert part in message, message


def error(name, tensors=None, **attrs):
    """Return the message of the ShapeError that a changed example raises."""
    usual, settings = EXAMPLES[name]
    with pytest.raises(ShapeError) as caught:
        call(name, *(usual if tensors is None else tensors), **{**settings, **attrs})
    return str(caught.value)
