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
from tinycl.ops.head import class_counts, consolidate_head, load_head
from tinycl.ops.int8 import int8_conv2d, int8_depthwise, int8_pointwise
from tinycl.ops.int8_maps import int8_add, int8_max_pool
from tinycl.ops.latents import (
    dequantise_latents,
    largest,
    latent_scale,
    quantise_latents,
)
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
from tinycl.ops.optimisers import accumulate, adam, clear, copy, sgd
from tinycl.ops.places import balanced_places, random_places, reservoir_places
from tinycl.ops.pointwise import pointwise_forward, pointwise_input_grad, pointwise_weight_grad
from tinycl.ops.pooling import (
    avg_pool_forward,
    avg_pool_input_grad,
    max_pool_forward,
    max_pool_input_grad,
)
from tinycl.ops.quantise import dequantise, quantise
from tinycl.ops.rows import (
    concat_labels,
    concat_rows,
    gather_bytes,
    gather_labels,
    put_bytes,
    put_labels,
    put_rows,
)
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
from tinycl.ops.synapses import synaptic_importance, synaptic_path, synaptic_pull
from tinycl.ops.tinyprop import running_max, tinyprop_count, tinyprop_decide
from tinycl.ops.top_k import top_k
from tinycl.ops.turns import take_turn, turn_places

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
    "balanced_places",
    "channel_magnitudes",
    "channel_moments",
    "channel_scale_forward",
    "channel_scale_gate_grad",
    "channel_scale_input_grad",
    "class_counts",
    "clear",
    "compare",
    "concat_labels",
    "concat_rows",
    "consolidate_head",
    "conv2d_bias_grad",
    "conv2d_forward",
    "conv2d_input_grad",
    "conv2d_sparse_input_grad",
    "conv2d_sparse_weight_grad",
    "conv2d_weight_grad",
    "copy",
    "depthwise_forward",
    "depthwise_input_grad",
    "depthwise_sparse_input_grad",
    "depthwise_sparse_weight_grad",
    "depthwise_weight_grad",
    "deviation",
    "dequantise_latents",
    "dequantise",
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
    "gather_bytes",
    "gather_labels",
    "hard_swish_forward",
    "hard_swish_input_grad",
    "largest",
    "latent_scale",
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
    "load_head",
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
    "put_bytes",
    "put_labels",
    "put_rows",
    "quantise_latents",
    "quantise",
    "random_permutation",
    "random_places",
    "random_uniform",
    "random_words",
    "relu6_forward",
    "relu6_input_grad",
    "relu_forward",
    "relu_input_grad",
    "renorm_corrections",
    "reservoir_places",
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
    "synaptic_importance",
    "synaptic_path",
    "synaptic_pull",
    "take_turn",
    "tinyprop_count",
    "tinyprop_decide",
    "top_k",
    "turn_places",
]
