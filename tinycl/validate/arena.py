"""The worker's memory: each buffer between two guard zones, all of it between protected pages.

Imported by the worker alone, which starts without site packages: the standard library only.
"""

from __future__ import annotations

import ctypes
import mmap

GUARD = 4096  # bytes on either side of a buffer
EDGE = 1 << 24  # protected bytes at either end
ALIGN = 64
PROT_NONE = 0
FREE = mmap.PROT_READ | mmap.PROT_WRITE

Piece = tuple[str, int, int]  # what it holds ("in", "out", "scratch"), first byte, length


class Arena:
    """One mapping in which the buffers of a call are laid out anew each time."""

    def __init__(self) -> None:
        self._size = 0
        self._reserve(1 << 20)

    def _reserve(self, size: int) -> None:
        self._size = -(-size // (1 << 16)) * (1 << 16)
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)
        self._memory = mmap.mmap(-1, self._size + 2 * EDGE, flags=flags)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        self._protect(EDGE + self._size, EDGE, PROT_NONE)

    def _protect(self, first: int, size: int, how: int) -> None:
        if self._libc.mprotect(self.base + first, size, how):
            raise OSError(ctypes.get_errno(), "mprotect")

    def _begin(self, size: int) -> int:
        """Return the first byte of so many that end where memory does; protect what is before."""
        first = EDGE + self._size - size
        page = first // mmap.PAGESIZE * mmap.PAGESIZE
        self._protect(0, page, PROT_NONE)
        self._protect(page, EDGE + self._size - page, FREE)
        return page

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
        page = self._begin(whole)
        length = EDGE + self._size - page
        self._memory[page : page + length] = poison["guard"] * (length // 4)
        self._guard, self._page = poison["guard"], page
        pieces: list[Piece] = []
        place = -(-(page + GUARD) // ALIGN) * ALIGN
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
        ends = [0, *(first + size for _, first, size in pieces)]
        begins = [*(first for _, first, _ in pieces[1:]), EDGE + self._size + GUARD // 2]
        for i, (_, first, size) in enumerate(pieces):
            for side, begin, end in (
                ("before", max(self._page, ends[i], first - GUARD // 2), first),
                ("after", first + size, begins[i] - GUARD // 2),
            ):
                now = self._memory[begin:end]
                phase = (begin - self._page) % 4
                was = (self._guard * (len(now) // 4 + 2))[phase : phase + len(now)]
                if now == was:
                    continue
                places = [k for k, (a, b) in enumerate(zip(now, was, strict=False)) if a != b]
                distance = places[0] if side == "after" else len(now) - 1 - places[-1]
                found.append((i, side, distance))
        return found
