"""Readers of data sets, and the order in which epochs take samples."""

from tinycl.data.dataset import Dataset
from tinycl.data.digits import Split, digits, epochs
from tinycl.data.order import epoch_order
from tinycl.data.registry import LAZY, READERS, load, open_samples
from tinycl.data.samples import Samples

__all__ = [
    "LAZY",
    "READERS",
    "Dataset",
    "Samples",
    "Split",
    "digits",
    "epoch_order",
    "epochs",
    "load",
    "open_samples",
]
