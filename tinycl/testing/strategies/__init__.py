"""Hypothesis strategies: hard values, tensors, contracts, layers, masks, selections, nets, plans.

All shrink: values towards 0, 1 and 2, tensors towards few distinct values, shapes towards 1,
contracts towards the default one, selections towards none, nets towards one linear layer, plans
towards one step.
"""

from tinycl.testing.strategies.contracts import contracts, reductions
from tinycl.testing.strategies.layers import Layer, conv2d_layers, depthwise_layers, pool_layers
from tinycl.testing.strategies.lists import Selection, labels, masks, selections
from tinycl.testing.strategies.nets import Net, nets
from tinycl.testing.strategies.plans import Work, plans
from tinycl.testing.strategies.values import HARD, SIMPLE, arrays, hard_float32

__all__ = [
    "HARD",
    "SIMPLE",
    "Layer",
    "Net",
    "Selection",
    "Work",
    "arrays",
    "contracts",
    "conv2d_layers",
    "depthwise_layers",
    "hard_float32",
    "labels",
    "masks",
    "nets",
    "plans",
    "pool_layers",
    "reductions",
    "selections",
]
