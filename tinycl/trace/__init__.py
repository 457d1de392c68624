"""Hashes of every tensor and step: expected lines, and a log compared with them."""

from tinycl.trace.compare import Findings, Mismatch, compare
from tinycl.trace.expected import Hash, expected
from tinycl.trace.line import Line, lines_in

__all__ = ["Findings", "Hash", "Line", "Mismatch", "compare", "expected", "lines_in"]
