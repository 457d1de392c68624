"""The operations: one file each, forward above its gradients; `TABLE` lists them all."""

from tinycl.ops.activations import (
    hard_swish_forward,
    hard_swish_input_grad,
    relu6_forward,
    relu6_input_grad,
    relu_forward,
    relu_input_grad,
    sigmoid_forward,
    sigmoid_input_grad,
)
from tinycl.ops.chance import next_turn, random_permutation, random_uniform, random_words
from tinycl.ops.conv2d import (
    conv2d_bias_grad,
    conv2d_forward,
    conv2d_input_grad,
    conv2d_weight_grad,
)
from tinycl.ops.depthwise import depthwise_forward, depthwise_input_grad, depthwise_weight_grad
from tinycl.ops.dropout import dropout_forward
from tinycl.ops.elementwise import add, compare, div, exp, log, mac, mul, sqrt, sub
from tinycl.ops.flatten import flatten_forward, flatten_input_grad
from tinycl.ops.fold import fold_norm
from tinycl.ops.gates import gate_bits, gate_grad
from tinycl.ops.int8 import int8_conv2d, int8_depthwise, int8_pointwise
from tinycl.ops.int8_maps import int8_add, int8_max_pool
from tinycl.ops.linear import (
    linear_bias_grad,
    linear_forward,
    linear_input_grad,
    linear_weight_grad,
)
from tinycl.ops.losses import (
    mean,
    mean_squared_error_forward,
    mean_squared_error_input_grad,
    softmax_cross_entropy_forward,
    softmax_cross_entropy_input_grad,
)
from tinycl.ops.magnitudes import axis_squares, channel_magnitudes, entry_magnitudes, magnitude_sum
from tinycl.ops.moments import channel_moments, deviation, moving_average, renorm_corrections
from tinycl.ops.normalise import (
    batch_norm_input_grad,
    normalise_forward,
    normalise_input_grad,
    normalise_weight_grad,
)
from tinycl.ops.optimisers import accumulate, adam, clear, sgd
from tinycl.ops.pointwise import pointwise_forward, pointwise_input_grad, pointwise_weight_grad
from tinycl.ops.pooling import (
    avg_pool_forward,
    avg_pool_input_grad,
    max_pool_forward,
    max_pool_input_grad,
)
from tinycl.ops.quantise import dequantise, quantise
from tinycl.ops.sparse_bias import sampled_bias_grad, sparse_bias_grad
from tinycl.ops.sparse_conv2d import conv2d_sparse_input_grad, conv2d_sparse_weight_grad
from tinycl.ops.sparse_depthwise import depthwise_sparse_input_grad, depthwise_sparse_weight_grad
from tinycl.ops.sparse_linear import linear_sparse_input_grad, linear_sparse_weight_grad
from tinycl.ops.sparse_pointwise import pointwise_sparse_input_grad, pointwise_sparse_weight_grad
from tinycl.ops.spec import TABLE, Arg, Attr, Operation
from tinycl.ops.squeeze import (
    channel_scale_forward,
    channel_scale_gate_grad,
    channel_scale_input_grad,
)
from tinycl.ops.subsets import gather, scatter
from tinycl.ops.tinyprop import running_max, tinyprop_count, tinyprop_decide
from tinycl.ops.top_k import top_k

__all__ = [
    "Arg",
    "Attr",
    "Operation",
    "TABLE",
    "accumulate",
    "adam",
    "add",
    "avg_pool_forward",
    "avg_pool_input_grad",
    "axis_squares",
    "batch_norm_input_grad",
    "channel_magnitudes",
    "channel_moments",
    "channel_scale_forward",
    "channel_scale_gate_grad",
    "channel_scale_input_grad",
    "clear",
    "compare",
    "conv2d_bias_grad",
    "conv2d_forward",
    "conv2d_input_grad",
    "conv2d_sparse_input_grad",
    "conv2d_sparse_weight_grad",
    "conv2d_weight_grad",
    "depthwise_forward",
    "depthwise_input_grad",
    "depthwise_sparse_input_grad",
    "depthwise_sparse_weight_grad",
    "depthwise_weight_grad",
    "dequantise",
    "deviation",
    "div",
    "dropout_forward",
    "entry_magnitudes",
    "exp",
    "flatten_forward",
    "flatten_input_grad",
    "fold_norm",
    "gate_bits",
    "gate_grad",
    "gather",
    "hard_swish_forward",
    "hard_swish_input_grad",
    "int8_add",
    "int8_conv2d",
    "int8_depthwise",
    "int8_max_pool",
    "int8_pointwise",
    "linear_bias_grad",
    "linear_forward",
    "linear_input_grad",
    "linear_sparse_input_grad",
    "linear_sparse_weight_grad",
    "linear_weight_grad",
    "log",
    "mac",
    "magnitude_sum",
    "max_pool_forward",
    "max_pool_input_grad",
    "mean",
    "mean_squared_error_forward",
    "mean_squared_error_input_grad",
    "moving_average",
    "mul",
    "next_turn",
    "normalise_forward",
    "normalise_input_grad",
    "normalise_weight_grad",
    "pointwise_forward",
    "pointwise_input_grad",
    "pointwise_sparse_input_grad",
    "pointwise_sparse_weight_grad",
    "pointwise_weight_grad",
    "quantise",
    "random_permutation",
    "random_uniform",
    "random_words",
    "relu6_forward",
    "relu6_input_grad",
    "relu_forward",
    "relu_input_grad",
    "renorm_corrections",
    "running_max",
    "sampled_bias_grad",
    "scatter",
    "sgd",
    "sigmoid_forward",
    "sigmoid_input_grad",
    "softmax_cross_entropy_forward",
    "softmax_cross_entropy_input_grad",
    "sparse_bias_grad",
    "sqrt",
    "sub",
    "tinyprop_count",
    "tinyprop_decide",
    "top_k",
]
