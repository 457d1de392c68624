"""A golden file against what the specification gives today."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinycl.golden.catalogue import Case
from tinycl.golden.image import image
from tinycl.golden.make import make
from tinycl.golden.schema import Golden
from tinycl.golden.store import read
from tinycl.plan import to_json


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a golden file; nothing, if the first two are empty.

    Attributes
    ----------
    altered : tuple of str
        Tensors whose data do not have their digest.
    outdated : tuple of str
        What the specification or the catalogue gives differently today: tensors, or ``plan``,
        ``seed``, ``contract``, ``name``.
    only_bytes : bool
        The content is right, but this h5py writes it in other bytes.
    """

    altered: tuple[str, ...]
    outdated: tuple[str, ...]
    only_bytes: bool


def check(path: Path, case: Case) -> Verdict:
    """Make a case again and compare it with its file.

    Raises
    ------
    FileError
        The file cannot be read.
    """
    stored, fresh = read(path), make(case)
    outdated = [key for key, told in _heads(fresh).items() if told != _heads(stored)[key]]
    outdated += [
        key
        for key in dict.fromkeys((*fresh.digests, *stored.digests))
        if fresh.digests.get(key) != stored.digests.get(key)
    ]
    same = bool(stored.altered or outdated) or path.read_bytes() == image(fresh)
    return Verdict(stored.altered, tuple(outdated), not same)


def _heads(golden: Golden) -> dict[str, str]:
    return {
        "name": golden.name,
        "plan": to_json(golden.plan),
        "seed": str(golden.seed),
        "contract": golden.contract.text,
    }
