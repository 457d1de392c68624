"""Depthwise convolution and its input gradient: the same correlation of each channel.

Neighbouring outputs are the lanes of a vector; each lane is one output element with one
accumulator, whatever the kernel and the stride.
"""

from __future__ import annotations

from typing import Any

from tinycl.fast import call
from tinycl.fast.call import address, attribute, axis
from tinycl.fast.correlate import BY_OUTPUT, BY_WEIGHT, FORWARD, correlate, correlate_words


def depthwise_forward(p: Any, core: int, cores: int) -> None:
    """Each channel with its own filter; taps (kh, kw) ascending."""
    stride, start = (
        (attribute(p, 4, 0), attribute(p, 4, 1)),
        (attribute(p, 4, 2), attribute(p, 4, 4)),
    )
    size, out = (axis(p, 0, 2), axis(p, 0, 3)), (axis(p, 3, 2), axis(p, 3, 3))
    kernel = (axis(p, 1, 1), axis(p, 1, 2))
    correlate(p, core, cores, address(p, 0), address(p, 1), address(p, 2), address(p, 3),
              axis(p, 0, 0), axis(p, 0, 1), size, out, kernel, stride, (0, 0), start, (1, 1),
              FORWARD)  # fmt: skip


def depthwise_input_grad(p: Any, core: int, cores: int) -> None:
    """Dy with zeros between its elements; ascending (ho, wo), which is descending (kh, kw)."""
    stride, start = (
        (attribute(p, 3, 2), attribute(p, 3, 3)),
        (attribute(p, 3, 4), attribute(p, 3, 6)),
    )
    kh, kw = axis(p, 0, 1), axis(p, 0, 2)
    size, out = (axis(p, 1, 2), axis(p, 1, 3)), (axis(p, 2, 2), axis(p, 2, 3))
    correlate(p, core, cores, address(p, 1), address(p, 0), 0, address(p, 2), axis(p, 1, 0),
              axis(p, 0, 0), size, out, (kh, kw), (1, 1), start, (kh - 1, kw - 1), stride,
              BY_WEIGHT if p[call.BY_WEIGHT] else BY_OUTPUT)  # fmt: skip


def depthwise_forward_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, _, *size), (_, *kernel), _, (_, _, *out) = shapes
    top, _, left, _ = attrs["padding"]
    return correlate_words(size, out, kernel, attrs["stride"], (0, 0), (top, left), (1, 1))


def depthwise_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, kh, kw), (_, _, *size), (_, _, *out) = shapes
    top, _, left, _ = attrs["padding"]
    offset, spread = (kh - 1, kw - 1), attrs["stride"]
    return correlate_words(size, out, (kh, kw), (1, 1), (top, left), offset, spread)
