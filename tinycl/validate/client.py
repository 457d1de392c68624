"""The parent's end of a worker: start, ask, time limit, and what a crash or hang looks like."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tinycl.errors import TargetError
from tinycl.validate.patience import Patience

WORKER = Path(__file__).with_name("worker.py")
START = 30.0  # seconds for a library to load


class Crash(Exception):
    """The worker was ended by a signal, or ended itself."""


class Hang(Exception):
    """The worker did not answer in time."""


class Client:
    """A worker that is started when it is needed, and again after each crash.

    Parameters
    ----------
    library : Path
    timeout : float
        Seconds for one request.

    Attributes
    ----------
    limit : float
        As `timeout`, or less for a while: to look around a hang that is certain.
    starts, hangs : int
    trusted : set of (str, str)
        Kernels and kinds of findings that a new process has confirmed: they are no history.
    """

    def __init__(self, library: Path, timeout: float = 5.0) -> None:
        self._library = library.absolute()
        self.timeout = self.limit = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: list[int] = []
        self.starts = self.hangs = 0
        self.trusted: set[tuple[str, str]] = set()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find(self, names: list[str]) -> dict[str, Any]:
        """Return, of these functions, those that the library exports, and what it says of them."""
        found: dict[str, Any] = self._ask(("find", names))
        return found

    def call(self, calls: list[dict[str, Any]], fresh: bool = False) -> list[dict[str, Any]]:
        """Make calls one after the other, in a new process if `fresh`.

        Raises
        ------
        Crash, Hang
        """
        if fresh:
            self.close()
        replies: list[dict[str, Any]] = self._ask(("call", calls))
        if any(reply.get("stuck") for reply in replies):
            self.close()
        return replies

    def close(self) -> None:
        """End the worker."""
        for pipe in self._pipes:
            os.close(pipe)
        self._pipes = []
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)  # with what a kernel has forked
            self._process.kill()
            self._process.wait()
            self._errors.close()
        self._process = None

    def _start(self) -> None:
        theirs, ours = os.pipe()
        back, told = os.pipe()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WORKER), str(self._library), str(theirs), str(told)],
            pass_fds=(theirs, told),
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            start_new_session=True,
        )
        os.close(theirs)
        os.close(told)
        self._pipes = [ours, back]
        self.starts += 1
        refused = self._receive(START)
        if refused is not None:
            self.close()
            raise TargetError(
                f"validate: {self._library} cannot be loaded: {refused}. It must be a shared "
                "library for this machine, with all that it needs linked in"
            )

    def _ask(self, request: Any) -> Any:
        if self._process is None:
            self._start()
        data = memoryview(pickle.dumps(request))
        try:
            while data:
                data = data[os.write(self._pipes[0], data) :]
        except BrokenPipeError:
            raise self._crashed() from None
        return self._receive(self.limit)

    def _receive(self, limit: float) -> Any:
        assert self._process is not None
        received, patience = bytearray(), Patience(self._process.pid, limit)
        while True:
            if not select.select([self._pipes[1]], [], [], patience.next)[0]:
                if not patience.over():
                    continue
                self.close()
                self.hangs += 1
                raise Hang(f"no answer within {limit:g} s")
            piece = os.read(self._pipes[1], 1 << 20)
            if not piece:
                raise self._crashed()
            received += piece
            if received.endswith(b"."):  # pickle's last byte
                try:
                    return pickle.loads(received)
                except (pickle.UnpicklingError, EOFError):
                    continue
                except Exception:
                    self.close()
                    raise Crash("the process's own memory was overwritten") from None

    def _crashed(self) -> Crash:
        assert self._process is not None
        running = False
        try:
            status = self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            status, running = 0, True
        said = self._said()
        self.close()
        if status < 0:
            names = {one.value: one.name for one in signal.Signals}
            return Crash(f"ended by {names.get(-status, f'signal {-status}')}{said}")
        if running:
            return Crash(f"closed what the process answers through{said}")
        return Crash(f"ended the process with status {status}{said}")

    def _said(self) -> str:
        """Return the last line of the worker's output: a failed assertion, a sanitizer."""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 4096))
        lines = self._errors.read().decode("utf-8", "replace").split("\n")
        lines = [line for line in lines if line.strip()]
        return f" after {lines[-1].strip()[:120]!r}" if lines else ""
