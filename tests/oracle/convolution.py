"""conv2d and depthwise: forward and gradients, one reduction an output element."""

from itertools import product

from tests.oracle.arithmetic import Operators
from tests.oracle.reduction import over_batch, reduce
from tests.oracle.tensors import build, reader


def output_size(size, kernel, stride, padding):
    """Return (ho, wo)."""
    top, bottom, left, right = padding
    return (
        (size[0] + top + bottom - kernel[0]) // stride[0] + 1,
        (size[1] + left + right - kernel[1]) // stride[1] + 1,
    )


def image_tap(contract, x, weight, n, c, i, j, size):
    """Return the term x*weight, x at row i and column j, which may lie outside the image."""
    if 0 <= i < size[0] and 0 <= j < size[1]:
        return x(n, c, i, j), weight
    return (0.0, weight) if contract.padding == "multiply" else None


def gradient_tap(contract, dy, weight, n, c, i, j, tap, out, stride, padding):
    """Return the term dy*weight of image position (i, j): where is the output that used this tap?

    Output (ho, wo) read the image at (ho*stride - top + kh, wo*stride - left + kw).
    """
    row, row_rest = divmod(i + padding[0] - tap[0], stride[0])
    column, column_rest = divmod(j + padding[2] - tap[1], stride[1])
    meets = row_rest == 0 == column_rest and 0 <= row < out[0] and 0 <= column < out[1]
    if meets:
        return dy(n, c, row, column), weight
    return (0.0, weight) if contract.padding == "multiply" else None


def forward_order(contract, channels, kernel):
    """Return the taps (ci, kh, kw) of one output in order."""
    if contract.taps == "channel_major":
        return list(product(range(channels), range(kernel[0]), range(kernel[1])))
    places = product(range(kernel[0]), range(kernel[1]), range(channels))
    return [(c, kh, kw) for kh, kw, c in places]


def gradient_order(contract, kernel):
    """Return the taps (kh, kw) of one image position and one output channel in order."""
    ascending = list(product(range(kernel[0]), range(kernel[1])))
    return ascending if contract.input_grad_taps == "by_weight" else ascending[::-1]


def conv2d_forward(tensors, attrs, contract):
    x, w, bias = tensors
    (n, ci, *size), (co, _, *kernel) = x.shape, w.shape
    stride, padding = attrs["stride"], attrs["padding"]
    x_at, w_at, bias_at = reader(x), reader(w), reader(bias)

    def y(n, o, ho, wo):
        top, left = ho * stride[0] - padding[0], wo * stride[1] - padding[2]
        terms = [
            image_tap(contract, x_at, w_at(o, c, kh, kw), n, c, top + kh, left + kw, size)
            for c, kh, kw in forward_order(contract, ci, kernel)
        ]
        return reduce(Operators(contract), terms, bias_at(o))

    return (build((n, co, *output_size(size, kernel, stride, padding)), y),)


def conv2d_weight_grad(tensors, attrs, contract):
    x, dy = tensors
    (n, ci, *size), (_, co, *out) = x.shape, dy.shape
    stride, padding = attrs["stride"], attrs["padding"]
    x_at, dy_at = reader(x), reader(dy)

    def dw(o, c, kh, kw):
        samples = [
            [
                image_tap(
                    contract,
                    x_at,
                    dy_at(s, o, ho, wo),
                    s,
                    c,
                    ho * stride[0] - padding[0] + kh,
                    wo * stride[1] - padding[2] + kw,
                    size,
                )
                for ho, wo in product(range(out[0]), range(out[1]))
            ]
            for s in range(n)
        ]
        return over_batch(Operators(contract), samples)

    return (build((co, ci, *attrs["kernel"]), dw),)


def conv2d_bias_grad(tensors, attrs, contract):
    (dy,) = tensors
    n, co, ho, wo = dy.shape
    dy_at = reader(dy)

    def db(o):
        places = list(product(range(ho), range(wo)))
        samples = [[(dy_at(s, o, i, j),) for i, j in places] for s in range(n)]
        return over_batch(Operators(contract), samples)

    return (build((co,), db),)


def conv2d_input_grad(tensors, attrs, contract):
    w, dy = tensors
    (co, ci, *kernel), (n, _, *out) = w.shape, dy.shape
    stride, padding = attrs["stride"], attrs["padding"]
    w_at, dy_at = reader(w), reader(dy)

    def dx(n, c, i, j):
        terms = [
            gradient_tap(contract, dy_at, w_at(o, c, *tap), n, o, i, j, tap, out, stride, padding)
            for o in range(co)
            for tap in gradient_order(contract, kernel)
        ]
        return reduce(Operators(contract), terms)

    return (build((n, ci, *attrs["size"]), dx),)


def depthwise_forward(tensors, attrs, contract):
    x, w, bias = tensors
    (n, c, *size), kernel = x.shape, w.shape[1:]
    stride, padding = attrs["stride"], attrs["padding"]
    x_at, w_at, bias_at = reader(x), reader(w), reader(bias)

    def y(n, c, ho, wo):
        top, left = ho * stride[0] - padding[0], wo * stride[1] - padding[2]
        terms = [
            image_tap(contract, x_at, w_at(c, kh, kw), n, c, top + kh, left + kw, size)
            for kh, kw in product(range(kernel[0]), range(kernel[1]))
        ]
        return reduce(Operators(contract), terms, bias_at(c))

    return (build((n, c, *output_size(size, kernel, stride, padding)), y),)


def depthwise_weight_grad(tensors, attrs, contract):
    # Channel c of the gradient is that of a convolution from channel c to channel c.
    x, dy = tensors
    channels = range(x.shape[1])
    one = [
        conv2d_weight_grad((x[:, c : c + 1], dy[:, c : c + 1]), attrs, contract)[0]
        for c in channels
    ]
    return (build((len(one), *attrs["kernel"]), lambda c, kh, kw: one[c][0, 0, kh, kw]),)


def depthwise_input_grad(tensors, attrs, contract):
    w, dy = tensors
    one = [
        conv2d_input_grad((w[None, c : c + 1], dy[:, c : c + 1]), attrs, contract)[0]
        for c in range(w.shape[0])
    ]
    shape = (dy.shape[0], len(one), *attrs["size"])
    return (build(shape, lambda n, c, i, j: one[c][n, 0, i, j]),)


OPERATIONS = {
    f.__name__: f
    for f in (
        conv2d_forward,
        conv2d_weight_grad,
        conv2d_bias_grad,
        conv2d_input_grad,
        depthwise_forward,
        depthwise_weight_grad,
        depthwise_input_grad,
    )
}
