"""Work on many cases in several processes."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tinycl.errors import TargetError

R = TypeVar("R")


def spread(
    function: Callable[[str, str], R], names: Iterable[str], folder: str, jobs: int
) -> Iterator[tuple[str, R]]:
    """Yield (name, function(name, folder)) as each is done; in this process if `jobs` is 1.

    When it is closed or interrupted, what has not begun is dropped.
    """
    if jobs == 1:
        for name in names:
            yield name, function(name, folder)
        return
    import multiprocessing
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed

    # spawn: a thread of another library in this process must not be copied in mid-air
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=_ignore_interrupts)
    try:
        futures = {pool.submit(function, name, folder): name for name in names}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenExecutor as error:
        raise TargetError(
            "a worker process was killed, perhaps because memory ran out; try --jobs 1"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--jobs``."""
    jobs = min(8, os.cpu_count() or 1)  # a case takes milliseconds: more do not pay
    parser.add_argument(
        "--jobs", type=_count, default=jobs, metavar="N", help=f"processes (default: {jobs})"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes, such as 2")
    return int(text)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent, which ends the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
