"""Forward maps in binary64, vectorised, for gradient checks; order and rounding mean nothing here.

Each takes its tensors and attributes as the operation of the same name does, without `_forward`.
"""

import numpy as np


def windows(x, kernel, stride, padding, fill=0.0):
    """Return (n, c, ho, wo, kh, kw): what each output sees of the padded image."""
    top, bottom, left, right = padding
    wide = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=fill)
    seen = np.lib.stride_tricks.sliding_window_view(wide, kernel, axis=(2, 3))
    return seen[:, :, :: stride[0], :: stride[1]]


def conv2d(x, w, bias, *, stride, padding):
    y = np.einsum("nchwij,ocij->nohw", windows(x, w.shape[2:], stride, padding), w)
    return y + bias[:, None, None]


def depthwise(x, w, bias, *, stride, padding):
    y = np.einsum("nchwij,cij->nchw", windows(x, w.shape[1:], stride, padding), w)
    return y + bias[:, None, None]


def pointwise(x, w, bias):
    return np.einsum("nchw,oc->nohw", x, w) + bias[:, None, None]


def linear(x, w, bias):
    return x @ w.T + bias


def relu(x):
    return np.maximum(x, 0)


def relu6(x):
    return np.clip(x, 0, 6)


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def across(rows, x):
    return rows.reshape(-1, *[1] * (x.ndim - 2))


def normalise(x, mean, std, gamma, beta, r=1.0, d=0.0):
    rows = (np.broadcast_to(t, x.shape[1:2]) for t in (mean, std, gamma, beta, r, d))
    mean, std, gamma, beta, r, d = (across(t, x) for t in rows)
    return gamma * ((x - mean) * r / std + d) + beta


def moments(x):
    axes = (0, *range(2, x.ndim))
    return x.mean(axis=axes), x.var(axis=axes)


def batch_norm(x, gamma, beta, eps, r=1.0, d=0.0):
    mean, var = moments(x)
    return normalise(x, mean, np.sqrt(var + eps), gamma, beta, r, d)


def max_pool(x, *, kernel, stride, padding):
    return windows(x, kernel, stride, padding, -np.inf).max(axis=(4, 5))


def avg_pool(x, *, kernel, stride, padding):
    inside = windows(np.ones_like(x), kernel, stride, padding).sum(axis=(4, 5))
    return windows(x, kernel, stride, padding).sum(axis=(4, 5)) / inside


def softmax_cross_entropy(z, target):
    log_sum = np.log(np.exp(z).sum(axis=1))
    return log_sum - z[np.arange(len(z)), target]


def mean_squared_error(y, t):
    return ((y - t) ** 2).reshape(len(y), -1).mean(axis=1)


def numerical_gradient(function, x, step):
    """Return the central differences of a scalar function of one tensor."""
    gradient = np.empty_like(x)
    for place in np.ndindex(*x.shape):
        values = []
        for side in (step, -step):
            moved = x.copy()
            moved[place] += side
            values.append(function(moved))
        gradient[place] = (values[0] - values[1]) / (2 * step)
    return gradient
