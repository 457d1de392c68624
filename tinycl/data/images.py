"""Folders of images, one folder a class: Flowers, Food-101, and others.

What a decoder makes of a JPEG file depends on its version; the other formats decode to one result.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.data.dataset import Dataset, check_number, check_share, divided
from tinycl.data.source import folder, levels, lines
from tinycl.errors import FileError, TinyclError

MOST_PIXELS = 4096
TESTS = ("test", "val", "validation")


class Found(NamedTuple):
    """A file and its class."""

    path: Path
    label: int


def images(
    path: Path,
    size: int | list[int] = 32,
    test_share: float = 0.2,
    seed: int = 7,
    per_class: int = 0,
) -> Dataset:
    """Read a folder of images.

    Parameters
    ----------
    path : Path
        Holds one folder a class; or ``train`` and ``test`` (or ``val``), each of which does; or,
        as Food-101 does, ``images``, ``meta/train.txt`` and ``meta/test.txt``. Hidden files are
        left out; the classes are in the order of their names.
    size : int or (rows, columns)
        Each image is turned into RGB and resized to it (Pillow, bilinear).
    test_share, seed
        Of the division where there is none; see `tinycl.data.dataset.divided`.
    per_class : int
        Take the first so many files of each class in each split, by name; 0 takes all.

    Returns
    -------
    Dataset
        Images (n, 3, rows, columns), level / 255.
    """
    wanted = _size(path.name, size)
    check_number(path.name, "per_class", per_class, 0, 2**31 - 1)
    check_share(path.name, test_share)
    decoder = pillow()
    folder(path)
    classes, splits = _splits(path)
    arrays = [
        array for split in splits for array in decode(decoder, _first(split, per_class), wanted)
    ]
    if len(splits) == 1:
        return divided(path.name, arrays[0], arrays[1], classes, test_share, seed)
    return Dataset(path.name, arrays[0], arrays[1], arrays[2], arrays[3], classes)


def pillow() -> Any:
    """Return Pillow's module.

    Raises
    ------
    TinyclError
        It is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise TinyclError(
            "images: Pillow is not installed; pip install 'tinycl[images]'"
        ) from error
    return Image


def _size(name: str, size: object) -> tuple[int, int]:
    sides: list[Any] = list(size) if isinstance(size, (list, tuple)) else [size, size]
    if len(sides) != 2:
        raise TinyclError(f"{name}: size must be a number or [rows, columns], got {size!r}")
    for side in sides:
        check_number(name, "size", side, 1, MOST_PIXELS)
    return sides[0], sides[1]


def _splits(path: Path) -> tuple[tuple[str, ...], list[list[Found]]]:
    """Return the classes, and the files of one split or of two."""
    if (path / "meta" / "train.txt").is_file() and (path / "images").is_dir():
        classes = _classes(path / "images")
        meta = [path / "meta" / "train.txt", path / "meta" / "test.txt"]
        return classes, [_listed(path / "images", source, classes) for source in meta]
    test = next((path / name for name in TESTS if (path / name).is_dir()), None)
    if (path / "train").is_dir() and test is not None:
        classes = _classes(path / "train")
        more = sorted(set(_classes(test)) - set(classes))
        if more:
            raise FileError(f"{test / more[0]}: {path / 'train'} has no such class; add it there")
        there = tuple(_classes(test))
        return classes, [_walk(path / "train", classes, classes), _walk(test, classes, there)]
    classes = _classes(path)
    return classes, [_walk(path, classes, classes)]


def _classes(path: Path) -> tuple[str, ...]:
    names = sorted(p.name for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not names:
        raise FileError(f"{path}: holds no folders; put the images of each class into one")
    return tuple(names)


def _walk(path: Path, classes: tuple[str, ...], there: Iterable[str]) -> list[Found]:
    found = []
    for name in there:
        files = sorted(p for p in (path / name).iterdir() if not p.name.startswith("."))
        if not files:
            raise FileError(f"{path / name}: holds no images; add some, or remove the folder")
        found += [Found(file, classes.index(name)) for file in files]
    return found


def _listed(path: Path, source: Path, classes: tuple[str, ...]) -> list[Found]:
    """Return the files that a list names, each line ``class/file`` without ``.jpg``."""
    found = []
    for number, line in enumerate(lines(source), 1):
        name = line.strip().partition("/")[0]
        if name not in classes:
            raise FileError(f"{source}: line {number}: {path} holds no class {name!r}")
        found.append(Found(path / f"{line.strip()}.jpg", classes.index(name)))
    return found


def _first(found: list[Found], per_class: int) -> list[Found]:
    taken: dict[int, int] = {}
    kept = []
    for item in found:
        taken[item.label] = taken.get(item.label, 0) + 1
        if not per_class or taken[item.label] <= per_class:
            kept.append(item)
    return kept


def decode(decoder: Any, found: list[Found], size: tuple[int, int]) -> tuple[Array, Array]:
    """Read files as RGB, resized (bilinear): float32 (n, 3, rows, columns), and their labels.

    Raises
    ------
    FileError
        A file that is no image, or damaged.
    """
    pixels = np.empty((len(found), *size, 3), np.uint8)
    for place, item in enumerate(found):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with decoder.open(item.path) as image:
                    small = image.convert("RGB").resize(size[::-1], decoder.Resampling.BILINEAR)
            pixels[place] = np.asarray(small)
        except Exception as error:  # decoders raise what they like on damaged files
            raise FileError(
                f"{item.path}: not an image, or damaged or cut short "
                f"({str(error) or type(error).__name__}); fetch it again, or remove it"
            ) from error
    labels = np.array([item.label for item in found], np.int32)
    return levels(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))), labels
