"""CORe50: 50 objects of 10 categories, filmed in 11 sessions, about 300 frames each.

The folder is as published: ``s1`` .. ``s11``, in each ``o1`` .. ``o50``, in each
``C_ss_oo_fff.png``; and, where they are wanted, lists of batches. It is opened here, and images are
read when they are asked for. Source: V. Lomonaco, D. Maltoni, "CORe50: a New Dataset and Benchmark
for Continuous Object Recognition", CoRL 2017.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.data.core50_lists import Line, read_lists
from tinycl.data.dataset import Shape, check_number
from tinycl.data.images import MOST_PIXELS, Found, decode, pillow
from tinycl.data.source import folder
from tinycl.errors import FileError, ShapeError

TEST_SESSIONS = (3, 7, 10)
CATEGORIES = (
    *("plug adapter", "mobile phone", "scissors", "light bulb", "can"),
    *("glasses", "ball", "marker", "cup", "remote control"),
)
PER_CATEGORY = 5
OBJECTS = PER_CATEGORY * len(CATEGORIES)
SESSIONS = 11
NAME = re.compile(r"C_(\d{2})_(\d{2})_(\d{3,})\.png")
PLACES = ("", "core50_128x128", "core50_32x32")


class Frame(NamedTuple):
    """One image: where it is below the folder of images, and what its name says."""

    place: str
    session: int
    thing: int
    number: int


@dataclass(frozen=True, eq=False)
class Core50:
    """An open folder of CORe50: `tinycl.data.Samples`.

    Parameters
    ----------
    root : Path
        Holds the sessions' folders.
    train_frames, test_frames : tuple of Frame
    train_y, test_y : ndarray of int32, shape (n,)
    classes : tuple of str
    size : int
        Rows and columns that images are given.
    batches : tuple of ndarray of int32
        Of the lists: indices of samples to train with, for `tinycl.cl.listed`; () without lists.
    decoder : module
        Pillow's.
    """

    root: Path
    train_frames: tuple[Frame, ...]
    test_frames: tuple[Frame, ...]
    train_y: Array
    test_y: Array
    classes: tuple[str, ...]
    size: int
    batches: tuple[Array, ...]
    decoder: Any

    name = "core50"

    @property
    def sample_shape(self) -> Shape:
        """(3, size, size)."""
        return 3, self.size, self.size

    @cached_property
    def train_session(self) -> Array:
        """Session of each sample to train with, 1..11."""
        return np.array([frame.session for frame in self.train_frames], np.int32)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the size and, of each image, place, label and bytes of its file.

        What is in the files is not read for it.
        """
        told = hashlib.sha256(f"core50 {self.size}\n".encode())
        for frames, y in ((self.train_frames, self.train_y), (self.test_frames, self.test_y)):
            for frame, label in zip(frames, y.tolist(), strict=True):
                told.update(f"{frame.place} {label} {self._bytes(frame)}\n".encode())
            told.update(b"\n")
        return told.hexdigest()

    def train(self, index: Array) -> Array:
        """Read samples to train with: float32 (k, 3, size, size), level / 255."""
        return self._read(self.train_frames, index)

    def test(self, index: Array) -> Array:
        """Read samples to test with: float32 (k, 3, size, size), level / 255."""
        return self._read(self.test_frames, index)

    def _read(self, frames: Sequence[Frame], index: Array) -> Array:
        found = [Found(self.root / frames[i].place, 0) for i in index]
        return decode(self.decoder, found, (self.size, self.size))[0]

    def _bytes(self, frame: Frame) -> int:
        try:
            return (self.root / frame.place).stat().st_size
        except OSError as error:
            raise FileError(
                f"{self.root / frame.place}: cannot be read: {error.strerror or error}; fetch it "
                "again, or leave its line out of the lists"
            ) from error


def core50(
    path: Path,
    lists: str = "",
    run: int = 0,
    labels: str | None = None,
    size: int = 128,
    train_every: int = 1,
    test_every: int = 20,
) -> Core50:
    """Open CORe50.

    Parameters
    ----------
    path : Path
        Holds ``s1`` .. ``s11``, or ``core50_128x128`` that does.
    lists : str
        A folder of lists, such as ``NICv2_391``, in ``batches_filelists`` or beside it. Left out:
        sessions 3, 7 and 10 are for testing, the others for training.
    run : int
        Which of the lists' runs.
    labels : {"objects", "categories", "listed"}, optional
        50 classes, 10, or as the lists number them, which is what lists give if left out.
    size : int
        Rows and columns; other images are resized (Pillow, bilinear).
    train_every, test_every : int
        Take frames whose number is a multiple of it.

    Returns
    -------
    Core50

    Raises
    ------
    FileError
        A folder, a list or a name that is not as published.
    ShapeError
        An option out of range.
    """
    check_number("core50", "run", run, 0, 99)
    check_number("core50", "size", size, 1, MOST_PIXELS)
    check_number("core50", "train_every", train_every, 1, 2**31 - 1)
    check_number("core50", "test_every", test_every, 1, 2**31 - 1)
    if not isinstance(lists, str):
        raise ShapeError(f"core50: lists must be the name of a folder of lists, got {lists!r}")
    labels = labels or ("listed" if lists else "objects")
    if labels not in ("objects", "categories", *(["listed"] if lists else [])):
        raise ShapeError(
            "core50: labels must be 'objects', 'categories' or, with lists, 'listed', got "
            f"{labels!r}"
        )
    decoder = pillow()
    root = _root(folder(path))
    if lists:
        batches, tests = read_lists(path, lists, run)
    else:
        frames = _walk(root)
        batches = [[Line(f.place, 0) for f in frames if f.session not in TEST_SESSIONS]]
        tests = [Line(f.place, 0) for f in frames if f.session in TEST_SESSIONS]
    train = [[(_frame(line.place), line.label) for line in batch] for batch in batches]
    kept = [[pair for pair in batch if pair[0].number % train_every == 0] for batch in train]
    test = [(_frame(line.place), line.label) for line in tests]
    test = [pair for pair in test if pair[0].number % test_every == 0]
    flat = [pair for batch in kept for pair in batch]
    if not flat or not test:
        raise FileError(
            f"{path}: has {len(flat)} images to train and {len(test)} to test with; it needs both. "
            "Fetch all sessions, or take every frame"
        )
    edges = np.cumsum([len(batch) for batch in kept])[:-1]
    parts = np.split(np.arange(len(flat), dtype=np.int32), edges) if lists else []
    names, numbers = _classes(labels, flat + test)
    return Core50(
        root,
        tuple(frame for frame, _ in flat),
        tuple(frame for frame, _ in test),
        numbers[: len(flat)],
        numbers[len(flat) :],
        names,
        size,
        tuple(parts),
        decoder,
    )


def _root(path: Path) -> Path:
    found = next((path / p for p in PLACES if any((path / p).glob("s[0-9]*/o[0-9]*"))), None)
    if found is not None:
        return found
    packed = [name for name in ("paths.pkl", "labels.pkl", "LUP.pkl") if (path / name).exists()]
    told = f"{packed[0]} is not read, since a pickle may run any code; " if packed else ""
    raise FileError(
        f"{path}: holds no sessions s1 .. s11 with objects o1 .. o50; {told}unpack "
        "core50_128x128.zip there, and the lists of batches as text"
    )


def _walk(root: Path) -> list[Frame]:
    frames = []
    for inside in root.glob("s[0-9]*/o[0-9]*"):
        for name in inside.iterdir():
            if name.suffix == ".png" and not name.name.startswith("."):
                frames.append(_frame(f"{inside.parent.name}/{inside.name}/{name.name}"))
    return sorted(frames, key=lambda f: (f.session, f.thing, f.number))


def _frame(place: str) -> Frame:
    """Return what a place such as ``s11/o1/C_11_01_000.png`` says."""
    words = place.split("/")
    found = NAME.fullmatch(words[-1])
    if found is not None and len(words) == 3:
        session, thing, number = map(int, found.groups())
        known = 1 <= session <= SESSIONS and 1 <= thing <= OBJECTS
        if known and words[:2] == [f"s{session}", f"o{thing}"]:
            return Frame(place, session, thing, number)
    raise FileError(
        f"core50: {place} is not a place such as s11/o1/C_11_01_000.png, session and object as in "
        "the folders; fetch it again, or remove it"
    )


def _classes(labels: str, pairs: Sequence[tuple[Frame, int]]) -> tuple[tuple[str, ...], Array]:
    """Return the names of the classes, and the class of each image."""
    objects = [f"{c} {i + 1}" for c in CATEGORIES for i in range(PER_CATEGORY)]
    things = np.array([frame.thing - 1 for frame, _ in pairs], np.int32)
    if labels == "objects":
        return tuple(objects), things
    if labels == "categories":
        return CATEGORIES, things // PER_CATEGORY
    held: dict[int, set[int]] = {}
    label_of: dict[int, int] = {}
    for frame, label in pairs:
        if label_of.setdefault(frame.thing, label) != label:
            raise FileError(
                f"core50: {frame.place} has label {label} in the lists, another image of its "
                f"object {label_of[frame.thing]}; are they lists of different runs?"
            )
        held.setdefault(label, set()).add(frame.thing - 1)
    names = []
    for label in range(max(held) + 1):
        inside = held.get(label, set())
        groups = {thing // PER_CATEGORY for thing in inside}
        one = [objects[thing] for thing in inside] if len(inside) == 1 else []
        group = [CATEGORIES[g] for g in groups] if len(groups) == 1 else []
        names.append((one or group or [f"class {label}"])[0])
    return tuple(names), np.array([label for _, label in pairs], np.int32)
