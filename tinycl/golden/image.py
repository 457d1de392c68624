"""The bytes of a golden file: HDF5 without times, without empty blocks, of one fixed version."""

from __future__ import annotations

import io
from typing import Any

import h5py
import numpy as np

from tinycl.bits import Array
from tinycl.golden.schema import TEXTS, VERSIONS, Golden
from tinycl.plan import to_json


def image(golden: Golden) -> bytes:
    """Return the bytes of the golden file; the same each time."""
    made = io.BytesIO()
    with _empty_file(made) as file:
        for key, number in (*VERSIONS.items(), ("seed", golden.seed)):
            file.attrs[key] = np.int64(number)
        texts = (golden.name, golden.contract.text, golden.contract.hash, golden.digest)
        for key, text in zip(TEXTS, texts, strict=True):
            file.attrs[key] = np.bytes_(text)
        _dataset(file, "plan", np.array(to_json(golden.plan).encode()))
        stored: dict[str, Any] = {}
        for key, value in golden.everything.items():
            digest, is_input = golden.digests[key], key.startswith("input/")
            parent, name = _parent(file, key)
            if digest in stored and not is_input:
                parent[name] = stored[digest]  # a second name: an output is in the trace already
                continue
            dataset = _dataset(parent, name, value)
            dataset.attrs["digest"] = np.bytes_(digest)
            if not is_input:
                stored[digest] = dataset
    return made.getvalue()


def _empty_file(made: io.BytesIO) -> Any:
    """Return a file that is written to `made`.

    HDF5 gives out space in such a file piece by piece; on disk and in its own memory files it does
    so in blocks of 2 KiB, of which a small file uses little.
    """
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fileobj_driver(h5py.h5fd.fileobj_driver, made)
    access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
    creation = _untimed(h5py.h5p.FILE_CREATE)
    return h5py.File(h5py.h5f.create(b"golden", h5py.h5f.ACC_TRUNC, creation, access))


def _parent(file: Any, key: str) -> tuple[Any, str]:
    """Return the group in which a dataset lies, made if it is not there, and the last name."""
    *groups, name = key.split("/")
    group = file
    for part in groups:
        if part not in group:
            h5py.h5g.create(group.id, part.encode(), gcpl=_untimed(h5py.h5p.GROUP_CREATE))
        group = group[part]
    return group, name


def _dataset(group: Any, name: str, value: Array) -> Any:
    creation = _untimed(h5py.h5p.DATASET_CREATE)
    creation.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return group.create_dataset(name, data=value, dcpl=creation)


def _untimed(kind: Any) -> Any:
    """Return creation properties of something that does not remember when it was made."""
    properties = h5py.h5p.create(kind)
    properties.set_obj_track_times(False)
    return properties
