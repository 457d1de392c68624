"""Checks kernels that others wrote, in a shared library or in C files. README.md is the guide."""

from __future__ import annotations

from tinycl.validate.compile import compile_kernels
from tinycl.validate.effort import Effort
from tinycl.validate.kinds import KINDS, Finding
from tinycl.validate.replay import replay
from tinycl.validate.validate import Report, validate

__all__ = ["KINDS", "Effort", "Finding", "Report", "compile_kernels", "replay", "validate"]
