"""Goldens for others to read: C headers, .npz, .bin with an index; and what others print."""

from tinycl.export.c_header import c_header
from tinycl.export.hints import misread
from tinycl.export.read import Expected, Found, read_tensors
from tinycl.export.select import Item, select
from tinycl.export.write import FORMATS, export

__all__ = [
    "FORMATS",
    "Expected",
    "Found",
    "Item",
    "c_header",
    "export",
    "misread",
    "read_tensors",
    "select",
]
