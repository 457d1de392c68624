"""Readers of data sets, and the order in which epochs take samples."""

from tinycl.data.dataset import Dataset
from tinycl.data.digits import Split, digits, epochs
from tinycl.data.order import epoch_order
from tinycl.data.registry import READERS, load

__all__ = ["READERS", "Dataset", "Split", "digits", "epoch_order", "epochs", "load"]
