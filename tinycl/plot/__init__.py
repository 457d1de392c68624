"""Plots of what a run with a policy did; the extra ``plot`` of the package brings matplotlib."""

from tinycl.plot.draw import SUFFIXES, draw
from tinycl.plot.read import Told, read

__all__ = ["SUFFIXES", "Told", "draw", "read"]
