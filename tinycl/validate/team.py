"""The worker's cores: threads that run in a stated order, or all at once.

In order, one core runs at a time, to its next barrier or its end: a kernel that lacks a barrier
gives other bits in another order, each time. Imported by the worker alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

PATIENCE = 2.0  # seconds at a barrier that runs at once


class Stuck(Exception):
    """Some cores wait at a barrier that others never reach.

    The threads are lost: the process has to end.
    """

    def __init__(self, waiting: list[int], ended: list[int]) -> None:
        super().__init__("stuck")
        self.waiting, self.ended = waiting, ended


class Team:
    """Threads, one a core, started when they are first needed."""

    def __init__(self) -> None:
        self._cores: list[_Core] = []
        self._back = threading.Semaphore(0)
        self._own = threading.local()
        self._meet: threading.Barrier | None = None
        self.barriers = 0

    def barrier(self) -> None:
        """Wait for all cores; called by the kernel."""
        self.barriers += 1
        core = getattr(self._own, "core", None)
        if core is None:  # the only core, or one alone
            return
        if self._meet is not None:
            core.waiting = True
            self._meet.wait(PATIENCE)
            core.waiting = False
            return
        core.waiting = True
        self._back.release()
        core.go.acquire()
        core.waiting = False

    def in_order(self, order: Sequence[int], job: Callable[[int], None]) -> None:
        """Run cores one after the other, from barrier to barrier.

        Raises
        ------
        Stuck
        """
        self._prepare(len(order), job)
        left = list(order)
        while left:
            for index in left:
                self._cores[index].go.release()
                self._back.acquire()
            ended = [i for i in left if self._cores[i].ended]
            if ended and len(ended) < len(left):
                raise Stuck(sorted(set(left) - set(ended)), sorted(ended))
            left = [i for i in left if i not in ended]

    def at_once(self, count: int, job: Callable[[int], None]) -> None:
        """Run all cores at once.

        Raises
        ------
        Stuck
        """
        self._meet = threading.Barrier(count)
        self._prepare(count, job)
        for core in self._cores[:count]:
            core.go.release()
        for _ in range(count):
            self._back.acquire()
        broken, self._meet = self._meet.broken, None
        if broken:
            waiting = [i for i in range(count) if self._cores[i].waiting]
            raise Stuck(waiting, [i for i in range(count) if i not in waiting])

    def _prepare(self, count: int, job: Callable[[int], None]) -> None:
        while len(self._cores) < count:
            core = _Core(len(self._cores))
            self._cores.append(core)
            threading.Thread(target=self._serve, args=(core,), daemon=True).start()
        for core in self._cores[:count]:
            core.job, core.ended, core.waiting = job, False, False

    def _serve(self, core: _Core) -> None:
        self._own.core = core
        while True:
            core.go.acquire()
            assert core.job is not None
            core.job(core.index)
            core.ended = True
            self._back.release()


class _Core:
    def __init__(self, index: int) -> None:
        self.index, self.go = index, threading.Semaphore(0)
        self.job: Callable[[int], None] | None = None
        self.ended = self.waiting = False
