"""A golden by the name of its file or of its case."""

from __future__ import annotations

from pathlib import Path

from tinycl.errors import FileError
from tinycl.golden.catalogue import catalogue
from tinycl.golden.folder import default_folder, path_of
from tinycl.golden.make import make
from tinycl.golden.schema import Golden
from tinycl.golden.store import read, read_case


def find(named: str, folder: Path | None = None) -> Golden:
    """Return a golden: from the file named, from the case's file, or made now.

    Parameters
    ----------
    named : str
        A path that ends in ``.h5``, or the name of a case.
    folder : Path, optional
        Of golden files; `default_folder` if left out. A case without a file there is made.

    Raises
    ------
    FileError
        Neither a file nor a case; unreadable; or altered, since what follows would rest on it.
    """
    path = path_of(folder or default_folder(), named)
    if named.endswith(".h5"):
        path = Path(named)
        golden = read(path)
    elif path.is_file():
        golden = read_case(folder or default_folder(), named)
    else:
        case = catalogue().get(named)
        if case is None:
            raise FileError(
                f"{named!r} is neither a file that ends in .h5 nor a case; "
                "`tinycl golden list` names the cases"
            )
        return make(case)
    if golden.altered:
        raise FileError(
            f"{path}: the golden itself was altered: {', '.join(golden.altered[:4])}; make it "
            "again with `tinycl golden make`, or take it from version control"
        )
    return golden
