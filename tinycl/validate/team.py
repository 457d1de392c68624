"""The worker's cores: threads that run in a stated order, or all at once.

In order, one core runs at a time, to its next barrier or its end: a kernel that lacks a barrier
gives other bits in another order, each time. Imported by the worker alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence


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
        self._meet: _Meeting | None = None
        self.barriers = 0

    def barrier(self) -> None:
        """Wait for all cores; called by the kernel."""
        self.barriers += 1
        core = getattr(self._own, "core", None)
        if core is None:  # the only core, or one alone
            return
        if self._meet is not None:
            self._meet.wait(core)
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
        meet = self._meet = _Meeting(count, self._back)
        self._prepare(count, job)
        for core in self._cores[:count]:
            core.go.release()
        for _ in range(count):
            self._back.acquire()
            if meet.stuck:
                waiting = [i for i in range(count) if self._cores[i].waiting]
                raise Stuck(waiting, [i for i in range(count) if i not in waiting])
        self._meet = None

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
            if self._meet is not None:
                self._meet.leave()
            self._back.release()


class _Core:
    def __init__(self, index: int) -> None:
        self.index, self.go = index, threading.Semaphore(0)
        self.job: Callable[[int], None] | None = None
        self.ended = self.waiting = False


class _Meeting:
    """A barrier of cores at once that knows, without a clock, when nobody else can come."""

    def __init__(self, count: int, back: threading.Semaphore) -> None:
        self._count, self._back = count, back
        self._changed = threading.Condition()
        self._waiting = self._ended = self._round = 0
        self.stuck = False

    def wait(self, core: _Core) -> None:
        """Wait for all others; for ever if one of them has ended."""
        with self._changed:
            now = self._round
            core.waiting = True
            self._waiting += 1
            if self._waiting == self._count:
                self._waiting, self._round = 0, now + 1
                core.waiting = False
                self._changed.notify_all()
                return
            self._look()
            while self._round == now:
                self._changed.wait()
            core.waiting = False

    def leave(self) -> None:
        """Count a core that has ended."""
        with self._changed:
            self._ended += 1
            self._look()

    def _look(self) -> None:
        if self._waiting and self._waiting + self._ended == self._count:
            self.stuck = True
            self._back.release()
