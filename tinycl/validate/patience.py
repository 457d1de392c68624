"""How long a process is waited for: by the time that it had, where the system tells it.

A busy machine may leave a process without a core for longer than any limit. So a process hangs that
has used the whole time to compute, or that has slept all through it; one that waits for a core is
given more, up to a multiple of the limit.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

MOST = 20  # times the limit
LOOKS = 8  # within the limit, at what the threads do
TICKS = os.sysconf("SC_CLK_TCK")
STARTED = 11  # the fields of stat behind the name: of them utime is the 12th


class Patience:
    """The time that one answer may take.

    Parameters
    ----------
    process : int
    limit : float
        Seconds.
    """

    def __init__(self, process: int, limit: float) -> None:
        self._folder, self._limit = Path(f"/proc/{process}/task"), limit
        self._begin, self._used = time.monotonic(), self._computed()[0]
        self._quiet = self._begin  # since when no thread has wanted a core
        self._seen = self._used

    @property
    def next(self) -> float:
        """Seconds to the next look."""
        return self._limit / LOOKS

    def over(self) -> bool:
        """Look at the process, and tell whether it hangs."""
        now = time.monotonic()
        used, wanted = self._computed()
        if wanted or used != self._seen:
            self._quiet, self._seen = now, used
        waited = now - self._begin
        if used is None or self._used is None or waited > MOST * self._limit:
            return waited > self._limit
        cores = min(os.cpu_count() or 1, max(1, wanted))
        return used - self._used >= self._limit * cores or now - self._quiet >= self._limit

    def _computed(self) -> tuple[float | None, int]:
        """Return the seconds that all threads have computed, and how many want to go on."""
        total, wanted = 0.0, 0
        try:
            for thread in self._folder.iterdir():
                fields = (thread / "stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[STARTED : STARTED + 2])) / TICKS
                wanted += fields[0] in "RD"
        except (OSError, ValueError, IndexError):
            return None, 0
        return total, wanted
