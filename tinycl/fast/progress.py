"""Saying that something is being compiled, where a person is watching and it takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0  # seconds of silence


@contextmanager
def compiling() -> Iterator[Callable[[str], None]]:
    """Yield a function that is told each kernel's name; a line on standard error shows the last."""
    begun, shown = time.monotonic(), False

    def notify(name: str) -> None:
        nonlocal shown
        if sys.stderr.isatty() and time.monotonic() - begun > PATIENCE:
            shown = True
            sys.stderr.write(f"\r\033[Ktinycl: compiling {name} (once; kept on disk)")
            sys.stderr.flush()

    try:
        yield notify
    finally:
        if shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
