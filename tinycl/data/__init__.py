"""Readers of data sets."""

from tinycl.data.digits import Split, digits, epochs

__all__ = ["Split", "digits", "epochs"]
