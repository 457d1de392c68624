"""Export into a file: whole or not at all, and never over another one unasked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinycl.errors import FileError
from tinycl.export.binary import bin_bytes, index_json, index_of
from tinycl.export.c_header import c_header
from tinycl.export.npz import npz_bytes
from tinycl.export.select import select
from tinycl.golden.schema import Golden
from tinycl.golden.store import put

FORMATS = {"c": ".h", "npz": ".npz", "bin": ".bin"}


def export(
    golden: Golden,
    path: Path,
    form: str,
    *,
    tensors: Sequence[str] = (),
    layout: str = "chw",
    prefix: str = "",
    force: bool = False,
) -> list[Path]:
    """Write tensors of a golden for others to read.

    Parameters
    ----------
    golden : Golden
    path : Path
        Of the file; ``bin`` writes an index beside it, with ``.json`` in place of the suffix.
    form : {"c", "npz", "bin"}
    tensors : sequence of str
        Globs of names; all tensors if left out.
    layout : {"chw", "hwc"}
    prefix : str
        Of the names in C; made from the golden's name if left out.
    force : bool
        Write over files that are there.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileError
        No such format; a glob that matches nothing; a file that is there; a place that cannot be
        written.
    """
    if form not in FORMATS:
        raise FileError(f"export: format {form!r} is not one of {', '.join(FORMATS)}")
    if form == "bin" and path.suffix != ".bin":
        raise FileError(f"{path}: the name must end in .bin, so that its index is found beside it")
    items = select(golden, tensors, layout)
    if form == "c":
        pages = {path: c_header(items, golden.name, prefix, list(golden.everything)).encode()}
    elif form == "npz":
        pages = {path: npz_bytes(items)}
    else:
        index = index_json(items, path.name).encode("ascii")
        pages = {path: bin_bytes(items), index_of(path): index}
    for target in pages:
        if not force and (target.exists() or target.is_symlink()):
            raise FileError(f"{target}: is there already; --force writes over it")
    for target, content in pages.items():
        put(target, content)
    return list(pages)
