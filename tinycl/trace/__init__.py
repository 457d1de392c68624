"""Hashes of every tensor and step: expected lines, and a log compared with them."""

from tinycl.trace.compare import Findings, Mismatch, compare
from tinycl.trace.expected import Hash, expected, hashes_of
from tinycl.trace.line import Line, lines_in
from tinycl.trace.page import Recorder, lines_of, read_page

__all__ = [
    "Findings",
    "Hash",
    "Line",
    "Mismatch",
    "Recorder",
    "compare",
    "expected",
    "hashes_of",
    "lines_in",
    "lines_of",
    "read_page",
]
