"""CORe50's lists of batches: ``train_batch_00_filelist.txt`` .. and ``test_filelist.txt``.

Each line is a place below the folder of images and a label: ``s11/o1/C_11_01_000.png 0``. The same
lists are published as pickles too; these are not read, since a pickle may run any code.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tinycl.data.source import find, lines
from tinycl.errors import FileError

PLACES = ("batches_filelists", "")
BATCH = re.compile(r"train_batch_(\d+)_filelist\.txt")
MOST_CLASSES = 1 << 20


class Line(NamedTuple):
    """A place below the folder of images, and a label."""

    place: str
    label: int


def read_lists(path: Path, lists: str, run: int) -> tuple[list[list[Line]], list[Line]]:
    """Read the lists of one run.

    Parameters
    ----------
    path : Path
        Of the data set.
    lists : str
        Name of the folder of lists.
    run : int

    Returns
    -------
    batches : list of list of Line
        In the order of their numbers.
    tests : list of Line

    Raises
    ------
    FileError
        No such folder, a number that is missing or there twice, or a line that is none.
    """
    if lists.endswith(".pkl"):
        raise FileError(
            f"{path}: {lists} is not read, since a pickle may run any code; take the lists of "
            "batches as text, batches_filelists.zip"
        )
    places = [path / place / lists / f"run{run}" for place in PLACES]
    inside = next((place for place in places if place.is_dir()), None)
    if inside is None:
        raise FileError(
            f"{path}: holds no lists {places[0].relative_to(path)}; unpack batches_filelists.zip "
            "there, or name another run"
        )
    numbered: dict[int, Path] = {}
    for source in sorted(inside.iterdir()):
        found = BATCH.fullmatch(source.name)
        if found is not None and numbered.setdefault(int(found[1]), source) != source:
            raise FileError(f"{source}: {numbered[int(found[1])].name} has that number too")
    missing = sorted(set(range(max(numbered, default=0) + 1)) - set(numbered))
    if missing:
        raise FileError(
            f"{inside}: holds no list of batch {missing[0]}, such as "
            f"train_batch_{missing[0]:02}_filelist.txt; fetch the lists again"
        )
    batches = [_read(numbered[number]) for number in sorted(numbered)]
    return batches, _read(find(inside, ["test_filelist.txt"]))


def _read(source: Path) -> list[Line]:
    found = []
    for number, line in enumerate(lines(source), 1):
        place, _, label = line.strip().rpartition(" ")
        good = label.isascii() and label.isdecimal() and len(label) < 8 and place
        if not good or int(label) >= MOST_CLASSES:
            raise FileError(
                f"{source}: line {number} is {line!r}; it must be a place and a label, such as "
                "s11/o1/C_11_01_000.png 0"
            )
        found.append(Line(place.strip(), int(label)))
    return found
