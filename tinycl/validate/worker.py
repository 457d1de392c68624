"""The process that loads a library and calls it: ``python worker.py LIB REQUESTS REPLIES``.

It runs as a script without site packages, so that it starts in no time after each crash.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import sys
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from arena import Arena, Piece  # type: ignore[import-not-found]  # noqa: E402
from team import Stuck, Team  # type: ignore[import-not-found]  # noqa: E402

ABOUT = ctypes.c_int32 * 4
BARRIER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Call(ctypes.Structure):
    """``struct validate_call``."""

    _fields_ = (
        ("core", ctypes.c_int32),
        ("cores", ctypes.c_int32),
        ("scratch", ctypes.c_void_p),
        ("barrier", BARRIER),
    )


class Worker:
    """A library, loaded, and the memory and threads that its kernels run with."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        self._arena, self._team = Arena(), Team()
        self._barrier = BARRIER(lambda _: self._team.barrier())

    def serve(self, request: Any) -> Any:
        """Answer one request."""
        if request[0] == "find":
            return {name: self._found(name) for name in request[1] if hasattr(self._library, name)}
        replies: list[dict[str, Any]] = []
        for call in request[1]:
            lost = bool(replies) and replies[-1].get("stuck")  # the threads of the team are lost
            replies.append(replies[-1] if lost else self._call(call))
        return replies

    def _found(self, name: str) -> Any:
        try:
            return tuple(ABOUT.in_dll(self._library, f"{name}_about"))
        except ValueError:
            return None

    def _scratch(self, name: str, shape: bytes, cores: int) -> int:
        try:
            function = getattr(self._library, f"{name}_scratch")
        except AttributeError:
            return 0
        function.restype = ctypes.c_int64
        return int(function(ctypes.c_char_p(shape), ctypes.c_int32(cores)))

    def _call(self, call: dict[str, Any]) -> dict[str, Any]:
        cores, schedule = call["cores"], call["schedule"]
        size = self._scratch(call["name"], call["shape"], cores)
        if size < 0 or size > 1 << 28:
            return {"scratch": size}
        wanted = [b for b in call["buffers"] if b is not None]
        wanted.append(("in", len(call["shape"]), call["shape"]))
        if size:
            wanted.append(("scratch", -(-size // 4) * 4, None))
        if schedule == "solo":
            runs = [self._run(call, wanted, bool(size), [core]) for core in range(cores)]
            return {"solos": [run["outputs"] for run in runs]}
        return self._run(call, wanted, bool(size), None)

    def _run(
        self, call: dict[str, Any], wanted: list[Any], scratch: bool, solo: list[int] | None
    ) -> dict[str, Any]:
        arena, team, cores = self._arena, self._team, call["cores"]
        pieces = arena.lay_out(wanted, call["poison"])
        laid = iter(pieces)
        pointers = [None if b is None else arena.address(next(laid)) for b in call["buffers"]]
        pointers.append(arena.address(next(laid)))
        place = arena.address(pieces[-1]) if scratch else None
        function = getattr(self._library, call["name"])
        statuses, process = [0] * cores, os.getpid()
        team.barriers = 0

        def job(core: int) -> None:
            own = Call(core, cores, place, self._barrier)
            arguments = [ctypes.c_void_p(p) for p in pointers]
            statuses[core] = function(*arguments, ctypes.byref(own))
            if os.getpid() != process:  # the kernel has forked, and this is the child
                os._exit(0)

        stuck = None
        try:
            if solo is not None or cores == 1 or call["schedule"] == "core 0":
                for core in solo or [0]:
                    job(core)
            elif call["schedule"] == "at once":
                team.at_once(cores, job)
            else:
                order = range(cores)
                team.in_order(order if call["schedule"] == "forward" else order[::-1], job)
        except Stuck as told:
            stuck = (told.waiting, told.ended)
        return self._reply(wanted, pieces, statuses, stuck)

    def _reply(
        self, wanted: list[Any], pieces: list[Piece], statuses: list[int], stuck: Any
    ) -> dict[str, Any]:
        outputs, changed = [], []
        for i, ((kind, _, content), piece) in enumerate(zip(wanted, pieces, strict=True)):
            now = self._arena.content(piece)
            if kind == "out":
                outputs.append(now)
            elif kind == "in" and now != content:
                changed.append((i, next(k for k, b in enumerate(now) if b != content[k])))
        return {
            "outputs": outputs,
            "changed": changed,
            "guards": self._arena.broken(pieces),
            "statuses": statuses,
            "stuck": stuck,
            "barriers": self._team.barriers,
        }


def main(path: str, requests: int, replies: int) -> None:
    """Serve until the requests end; a stuck team ends the process after its reply."""
    with open(requests, "rb") as source, open(replies, "wb") as sink:
        try:
            worker: Worker | None = Worker(path)
            first: Any = None
        except OSError as error:
            worker, first = None, str(error)
        pickle.dump(first, sink)
        sink.flush()
        while worker is not None:
            try:
                request = pickle.load(source)
            except EOFError:
                return
            reply = worker.serve(request)
            pickle.dump(reply, sink)
            sink.flush()
            if isinstance(reply, list) and any(part.get("stuck") for part in reply):
                os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
