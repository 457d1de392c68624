"""Sparse training: policies that say which part of a net's gradients is computed."""

from tinycl.nn import Dense
from tinycl.sparse.attach import attach
from tinycl.sparse.channel_use import ChannelUse, choices
from tinycl.sparse.channels import Channels
from tinycl.sparse.effort import effort
from tinycl.sparse.layer_report import LayerReport
from tinycl.sparse.layerwise import BiasOnly, Fixed, LayerWise
from tinycl.sparse.report import Report, report
from tinycl.sparse.tinyprop import TinyProp
from tinycl.sparse.tinypropv2 import TinyPropV2
from tinycl.sparse.topk import TopK

__all__ = [
    "BiasOnly",
    "ChannelUse",
    "Channels",
    "Dense",
    "Fixed",
    "LayerReport",
    "LayerWise",
    "Report",
    "TinyProp",
    "TinyPropV2",
    "TopK",
    "attach",
    "choices",
    "effort",
    "report",
]
