"""The worker's memory: each buffer between two guard zones, all of it between protected pages.

Imported by the worker alone, which starts without site packages: the standard library only.
"""

from __future__ import annotations

import ctypes
import mmap

GUARD = 4096  # bytes on either side of a buffer
EDGE = 1 << 16  # protected bytes at either end
ALIGN = 64
PROT_NONE = 0

Piece = tuple[str, int, int]  # what it holds ("in", "out", "scratch"), first byte, length


class Arena:
    """One mapping in which the buffers of a call are laid out anew each time."""

    def __init__(self) -> None:
        self._size = 0
        self._reserve(1 << 20)

    def _reserve(self, size: int) -> None:
        self._size = -(-size // EDGE) * EDGE
        self._memory = mmap.mmap(-1, self._size + 2 * EDGE)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        for place in (self.base, self.base + EDGE + self._size):
            if libc.mprotect(place, EDGE, PROT_NONE):
                raise OSError(ctypes.get_errno(), "mprotect")

    def lay_out(
        self, wanted: list[tuple[str, int, bytes | None]], poison: dict[str, bytes]
    ) -> list[Piece]:
        """Place buffers and fill them.

        Parameters
        ----------
        wanted : list of (kind, bytes, content)
            Without content a buffer is filled with its kind's poison.
        poison : dict of str to bytes
            Four bytes each, for ``out``, ``scratch`` and ``guard``.
        """
        whole = sum(-(-size // ALIGN) * ALIGN + ALIGN + GUARD for _, size, _ in wanted) + GUARD
        if whole > self._size:
            self._reserve(whole)
        self._used = -(-whole // 4) * 4
        self._memory[EDGE : EDGE + self._used] = poison["guard"] * (self._used // 4)
        self._guard = poison["guard"]
        pieces, place = [], EDGE + GUARD
        for kind, size, content in wanted:
            fill = poison[kind] * (size // 4) if content is None else content
            self._memory[place : place + size] = fill
            pieces.append((kind, place, size))
            place += -(-size // ALIGN) * ALIGN + GUARD
            place = -(-place // ALIGN) * ALIGN
        return pieces

    def address(self, piece: Piece) -> int:
        """Return the address of a buffer."""
        return self.base + piece[1]

    def content(self, piece: Piece) -> bytes:
        """Return what a buffer holds."""
        return self._memory[piece[1] : piece[1] + piece[2]]

    def broken(self, pieces: list[Piece]) -> list[tuple[int, str, int]]:
        """Return, for each guard zone that was written, buffer, side and distance in bytes.

        The distance is that of the byte nearest to the buffer. A zone between two buffers belongs
        to the nearer one.
        """
        found = []
        for i, (_, first, size) in enumerate(pieces):
            for side, begin, end in (
                ("before", first - GUARD // 2, first),
                ("after", first + size, first + size + GUARD // 2),
            ):
                now = self._memory[begin:end]
                phase = (begin - EDGE) % 4
                was = (self._guard * (len(now) // 4 + 2))[phase : phase + len(now)]
                if now == was:
                    continue
                places = [k for k, (a, b) in enumerate(zip(now, was, strict=True)) if a != b]
                distance = places[0] if side == "after" else len(now) - 1 - places[-1]
                found.append((i, side, distance))
        return found
