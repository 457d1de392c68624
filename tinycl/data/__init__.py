"""Readers of data sets."""

from tinycl.data.digits import Split, digits

__all__ = ["Split", "digits"]
