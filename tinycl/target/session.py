"""One live runner process: start, exchange, time limit, restart after a failure.

Requests go to its standard input, replies come from its standard output. Both ends here are
non-blocking and served by one loop, so a full pipe never blocks both sides.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import selectors
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from typing import IO

from tinycl.errors import TargetError, TargetHang

PIPE_BYTES = 1 << 20
STDERR_BYTES, STDERR_LINES = 4096, 8
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
GRACE = 1.0  # seconds from the end of a process's output to its own


class Session:
    """A runner process that is started when it is needed and reused.

    Parameters
    ----------
    name : str
        Of the target, for messages.
    command : callable
        Returns the command line; called at each start.
    advice : str
        What to do when the process crashes.
    """

    def __init__(self, name: str, command: Callable[[], list[str]], advice: str = "") -> None:
        self._name, self._command, self._advice = name, command, advice
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()
        self._finalizer: weakref.finalize[..., Session] | None = None

    def exchange(self, request: bytes, feed: Callable[[bytes], bool], limit: float) -> None:
        """Send a request and feed the reply until `feed` says that it is complete.

        Parameters
        ----------
        request : bytes
        feed : callable
            Takes the next bytes of the reply, returns True after the last; may raise.
        limit : float
            Seconds until the process is killed.

        Raises
        ------
        TargetHang
            The reply was not complete in time.
        TargetError
            The process cannot be started, crashes, or ends inside its reply.
        """
        with self._lock:
            try:
                self._start()
                self._transfer(request, feed, limit)
            except BaseException:
                self._stop()
                raise

    def close(self) -> None:
        """End the process; the next exchange starts another."""
        with self._lock:
            self._stop()

    def _start(self) -> None:
        if self._owner != os.getpid():  # a fork must not share its parent's runner
            self._process = None
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        command = self._command()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,  # Ctrl-C reaches this process, which then ends the runner
                bufsize=0,
            )
        except OSError as error:
            raise TargetError(f"{self._name}: cannot start {command[0]}: {error}") from error
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            with contextlib.suppress(OSError, AttributeError):  # larger pipes are only faster
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._process, self._owner = process, os.getpid()
        self._finalizer = weakref.finalize(self, _end, process, self._errors, os.getpid())

    def _stop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._process = self._errors = self._finalizer = None

    def _transfer(self, request: bytes, feed: Callable[[bytes], bool], limit: float) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        left, received, done = memoryview(request), 0, False
        deadline = time.monotonic() + limit
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            while not done:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise self._hangs(limit, received)
                for key, _ in selector.select(remaining):
                    if key.fileobj is process.stdin:
                        left = _send(process.stdin.fileno(), left)
                        if not left:
                            selector.unregister(process.stdin)
                        continue
                    piece = os.read(process.stdout.fileno(), PIPE_BYTES)
                    if not piece:
                        raise self._ended(received)
                    received += len(piece)
                    done = feed(piece)
        if left:  # it answered before it had read everything: what it reads next is not a request
            self._stop()

    def _hangs(self, limit: float, received: int) -> TargetHang:
        return TargetHang(
            f"{self._name}: no complete reply within {limit:g} s ({received} bytes came), so the "
            "runner was stopped. Give a larger timeout, fewer steps or smaller tensors; if a plan "
            f"of this size should be quick, a kernel hangs{self._said()}"
        )

    def _ended(self, received: int) -> TargetError:
        assert self._process is not None
        try:
            status = self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return TargetError(
                f"{self._name}: the runner closed its output after {received} bytes of a reply but "
                f"still runs; it was stopped{self._said()}"
            )
        return TargetError(
            f"{self._name}: the runner {_how(status)} after {received} bytes of the reply"
            f"{self._advice}{self._said()}"
        )

    def _said(self) -> str:
        """Return the last lines of its standard error."""
        if self._errors is None:
            return ""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - STDERR_BYTES))
        text = COLOUR.sub("", self._errors.read().decode("utf-8", "replace"))
        lines = text.splitlines()[-STDERR_LINES:]
        return "".join(f"\n  | {line}" for line in lines)


def _send(pipe: int, left: memoryview) -> memoryview:
    """Write what the pipe takes. When nobody reads any more, the end of the output tells more."""
    try:
        return left[os.write(pipe, left) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:
        return left[:0]


def _how(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = " (out of memory?)" if -status == signal.SIGKILL else ""
    return f"was ended by {name}{hint}"


def _end(process: subprocess.Popen[bytes], errors: IO[bytes], owner: int) -> None:
    """Kill a process and all that it started, wait for it, and close what leads to it.

    It leads a group of its own. A simulator is a child of a script: it must not outlive it.
    """
    if owner == os.getpid():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            _wait_for_end(process.stdout)
    for pipe in (process.stdin, process.stdout, errors):
        if pipe is not None:
            pipe.close()


def _wait_for_end(pipe: IO[bytes]) -> None:
    """Wait until nobody can write to a pipe any more: the process's children have ended, too."""
    deadline = time.monotonic() + GRACE
    while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
        if not os.read(pipe.fileno(), PIPE_BYTES):
            return
