"""Plots of what a run did; the extra ``plot`` of the package brings matplotlib."""

from tinycl.plot.accuracy import draw_accuracies
from tinycl.plot.draw import SUFFIXES, draw
from tinycl.plot.read import Told, read

__all__ = ["SUFFIXES", "Told", "draw", "draw_accuracies", "read"]
