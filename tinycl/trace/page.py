"""Hashes as a text of lines: what `tinycl trace list` prints, and what stands for a golden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tinycl.bits import Array
from tinycl.errors import FileError
from tinycl.plan import Plan
from tinycl.trace.expected import INPUT, Hash, hashes_of
from tinycl.trace.line import Line, lines_in


def lines_of(hashes: Iterable[Hash], first: int = 0) -> Iterator[Line]:
    """Yield a line for each hash; where an operation's name would mean several, with its place.

    Parameters
    ----------
    hashes : iterable of Hash
    first : int
        Number of the first line.
    """
    hashes = list(hashes)
    times = Counter((h.step, h.operation, h.tensor) for h in hashes)
    for number, h in enumerate(hashes, first):
        line = h.line(number)
        several = times[h.step, h.operation, h.tensor] > 1
        yield line._replace(operation=f"{h.place:02d}.{h.operation}") if several else line


def read_page(page: bytes, where: str) -> list[Hash]:
    """Return the hashes of a text, in its order; what is there twice counts once.

    Parameters
    ----------
    page : bytes
        As `tinycl trace list` and `tinycl train --trace` write it, or the log of another device.
    where : str
        The file, for messages.

    Raises
    ------
    FileError
        A damaged line, or none at all: what is missing here would never be missed.
    """
    lines: dict[tuple[int, str, str, int, int], None] = {}
    for line in lines_in(page):
        if line is None:
            raise FileError(
                f"{where}: a damaged line among the hashes, after {len(lines)} whole ones; write "
                "the file again"
            )
        lines[line.step, line.operation, line.tensor, line.words, line.crc32] = None
    if not lines:
        raise FileError(
            f"{where}: no line '@tc ...' in it; `tinycl trace list` and `tinycl train --trace` "
            "write them"
        )
    return _placed(list(lines))


def _placed(lines: Sequence[tuple[int, str, str, int, int]]) -> list[Hash]:
    places: Counter[int] = Counter()
    found = []
    for step, operation, tensor, words, crc32 in lines:
        place = -1 if operation == INPUT else places[step]
        places[step] += operation != INPUT
        key = f"{step}/{operation}/{tensor}"
        found.append(Hash(step, place, operation, tensor, words, crc32, key, counted=False))
    return found


class Recorder:
    """Writes the hashes of a run as it comes, part by part; no tensor is kept.

    Parameters
    ----------
    write : callable
        Is given the text of each part.
    layout : {"chw", "hwc"}
    step : int
        Executions of bodies before the first part.
    """

    def __init__(self, write: Callable[[str], object], layout: str = "chw", step: int = 0) -> None:
        self.write, self.layout, self.step = write, layout, step
        self._lines = 0

    def add(self, plan: Plan, inputs: Mapping[str, Array], tensors: Mapping[str, Array]) -> None:
        """Write the hashes of the next part: `tensors` is `Result.tensors()` of a checked run."""
        hashes = hashes_of(plan, inputs, tensors, self.layout, self.step)
        self.write("".join(f"{line.text}\n" for line in lines_of(hashes, self._lines)))
        self._lines += len(hashes)
        self.step += sum(1 for _ in plan.steps())
