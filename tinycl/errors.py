"""What goes wrong, by name. Every message says what, where, and what to do next."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """Exit codes of every command."""

    EQUAL = 0
    DIFFERENT = 1
    USAGE = 2
    TARGET_MISSING = 3


class TinyclError(Exception):
    """Base of every error that tinycl raises on purpose."""

    exit_code = ExitCode.USAGE


class ContractError(TinyclError, ValueError):
    """A contract that is not spelled right or that means nothing."""


class ShapeError(TinyclError, ValueError):
    """A tensor of a wrong shape or dtype, or an attribute out of range."""


class PlanError(TinyclError, ValueError):
    """A plan that reads what was never written, or names what does not exist."""


class FileError(TinyclError):
    """A file that is missing, damaged, truncated, or not ours."""


class TargetError(TinyclError):
    """An executor that crashed, hung, or returned something unreadable."""


class TargetHang(TargetError):
    """An executor that did not answer in time."""


class TargetMissing(TargetError):
    """An executor that this machine does not have."""

    exit_code = ExitCode.TARGET_MISSING


class EnvironmentFault(TargetError):
    """A thread that flushes subnormals or rounds another way than to nearest even."""
