"""The kernels of the sparse gradients under any contract; `plain_heap_` adds them as listed."""

from __future__ import annotations

from typing import Any

from tinycl.fast import plain_sparse as plain
from tinycl.fast.call import attribute
from tinycl.fast.layer import FILTER_A_CHANNEL, STRIDED, UNIT
from tinycl.fast.plain_sparse import bias_grad, input_grad, sampled, weight_grad


def plain_conv2d_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_sparse_weight_grad` under any contract."""
    weight_grad(p, STRIDED, attribute(p, 6, 8) != 0, False, core, cores)


def plain_heap_conv2d_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_sparse_weight_grad` in the order of the lists."""
    weight_grad(p, STRIDED, attribute(p, 6, 8) != 0, True, core, cores)


def plain_conv2d_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_sparse_input_grad` under any contract."""
    input_grad(p, STRIDED, attribute(p, 6, 8) != 0, False, core, cores)


def plain_heap_conv2d_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_sparse_input_grad` in the order of the lists."""
    input_grad(p, STRIDED, attribute(p, 6, 8) != 0, True, core, cores)


def plain_depthwise_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `depthwise_sparse_weight_grad` under any contract."""
    weight_grad(p, FILTER_A_CHANNEL, attribute(p, 6, 8) != 0, False, core, cores)


def plain_heap_depthwise_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `depthwise_sparse_weight_grad` in the order of the lists."""
    weight_grad(p, FILTER_A_CHANNEL, attribute(p, 6, 8) != 0, True, core, cores)


def plain_depthwise_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `depthwise_sparse_input_grad` under any contract."""
    input_grad(p, FILTER_A_CHANNEL, attribute(p, 6, 8) != 0, False, core, cores)


def plain_heap_depthwise_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `depthwise_sparse_input_grad` in the order of the lists."""
    input_grad(p, FILTER_A_CHANNEL, attribute(p, 6, 8) != 0, True, core, cores)


def plain_pointwise_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `pointwise_sparse_weight_grad` under any contract."""
    weight_grad(p, UNIT, attribute(p, 6, 0) != 0, False, core, cores)


def plain_heap_pointwise_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `pointwise_sparse_weight_grad` in the order of the lists."""
    weight_grad(p, UNIT, attribute(p, 6, 0) != 0, True, core, cores)


def plain_pointwise_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `pointwise_sparse_input_grad` under any contract."""
    input_grad(p, UNIT, attribute(p, 6, 0) != 0, False, core, cores)


def plain_heap_pointwise_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `pointwise_sparse_input_grad` in the order of the lists."""
    input_grad(p, UNIT, attribute(p, 6, 0) != 0, True, core, cores)


def plain_linear_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `linear_sparse_weight_grad` under any contract."""
    weight_grad(p, UNIT, False, False, core, cores)


def plain_heap_linear_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `linear_sparse_weight_grad` in the order of the lists."""
    weight_grad(p, UNIT, False, True, core, cores)


def plain_linear_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `linear_sparse_input_grad` under any contract."""
    input_grad(p, UNIT, False, False, core, cores)


def plain_heap_linear_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `linear_sparse_input_grad` in the order of the lists."""
    input_grad(p, UNIT, False, True, core, cores)


def plain_sparse_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute `sparse_bias_grad` under any contract."""
    bias_grad(p, attribute(p, 4, 0) != 0, False, core, cores)


def plain_heap_sparse_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute `sparse_bias_grad` in the order of the lists."""
    bias_grad(p, attribute(p, 4, 0) != 0, True, core, cores)


def plain_sampled_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute `sampled_bias_grad` under any contract."""
    sampled(p, core, cores)


plain_conv2d_sparse_weight_grad_scratch = plain_heap_conv2d_sparse_weight_grad_scratch = (
    plain.gradient_words
)
plain_conv2d_sparse_input_grad_scratch = plain_heap_conv2d_sparse_input_grad_scratch = (
    plain.input_words
)
plain_depthwise_sparse_weight_grad_scratch = plain_heap_depthwise_sparse_weight_grad_scratch = (
    plain.gradient_words
)
plain_depthwise_sparse_input_grad_scratch = plain_heap_depthwise_sparse_input_grad_scratch = (
    plain.input_words
)
plain_pointwise_sparse_weight_grad_scratch = plain_heap_pointwise_sparse_weight_grad_scratch = (
    plain.gradient_words
)
plain_pointwise_sparse_input_grad_scratch = plain_heap_pointwise_sparse_input_grad_scratch = (
    plain.input_words
)
plain_linear_sparse_weight_grad_scratch = plain_heap_linear_sparse_weight_grad_scratch = (
    plain.gradient_words
)
plain_linear_sparse_input_grad_scratch = plain_heap_linear_sparse_input_grad_scratch = (
    plain.input_words
)
plain_sparse_bias_grad_scratch = plain_heap_sparse_bias_grad_scratch = plain.bias_words
plain_sampled_bias_grad_scratch = plain.bias_words
