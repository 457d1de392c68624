"""Golden files on disk: one case, one HDF5 file, the same bytes each time it is made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tinycl.bits import DTYPES, Array
from tinycl.contract import Contract
from tinycl.errors import FileError, TinyclError
from tinycl.golden.folder import path_of
from tinycl.golden.image import image
from tinycl.golden.schema import DIGEST, TEXTS, VERSIONS, Golden, expected_tensors
from tinycl.plan import from_json, to_json

DAMAGE = (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, MemoryError)


def write(path: Path, golden: Golden) -> str:
    """Write a golden file whole or not at all.

    Parameters
    ----------
    path : Path
        Folders are made as needed.
    golden : Golden

    Returns
    -------
    str
        ``new``, ``changed``, or ``same`` (then the file was not touched).

    Raises
    ------
    FileError
        The place cannot be written.
    """
    content = image(golden)
    try:
        before = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error
    if before == content:
        return "same"
    put(path, content)
    return "new" if before is None else "changed"


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; folders are made as needed.

    Raises
    ------
    FileError
        The place cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error


def read(path: Path) -> Golden:
    """Read a golden file.

    Data that do not have their digest are not an error here: `Golden.altered` names them.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Golden

    Raises
    ------
    FileError
        No such file; not HDF5; damaged or cut short; of another version; something is missing,
        or there that does not belong there.
    """
    if not path.is_file():
        raise FileError(f"{path}: there is no such file; `tinycl golden make` makes golden files")
    try:
        with h5py.File(path, "r", locking=False) as file:
            return _read(file)
    except FileError as error:
        raise FileError(f"{path}: {error}") from error
    except TinyclError as error:
        raise FileError(f"{path}: damaged: {error}") from error
    except DAMAGE as error:
        reason = str(error).strip("'\"") or type(error).__name__
        raise FileError(
            f"{path}: not a golden file, or damaged or cut short ({reason}); "
            "make it again with `tinycl golden make`, or take it from version control"
        ) from error


def read_case(folder: Path, name: str) -> Golden:
    """Read the golden file of a case.

    Raises
    ------
    FileError
        As `read`; and if the file is whole but holds another case.
    """
    path = path_of(folder, name)
    golden = read(path)
    if golden.name != name and not golden.altered:
        raise FileError(f"{path}: holds the case {golden.name}; was the file renamed?")
    return golden


def _read(file: Any) -> Golden:
    for key, ours in VERSIONS.items():
        theirs = _number(file.attrs, key)
        if theirs != ours:
            raise FileError(
                f"{key} is {theirs}; this tinycl reads {ours}. Make the golden files again with "
                "`tinycl golden make`, or use the tinycl that made them"
            )
    name, contract_text, contract_hash, whole = (_text(file.attrs, key) for key in TEXTS)
    contract = Contract.parse(contract_text)
    if (contract.text, contract.hash) != (contract_text, contract_hash):
        raise FileError("the text of the contract does not have the hash beside it")
    _check_digest("the case", whole)
    there = _datasets(file)
    if "plan" not in there:
        raise FileError("the dataset 'plan' is missing")
    plan_text = bytes(there["plan"][()]).decode("ascii")
    plan = from_json(plan_text)
    if to_json(plan) != plan_text:
        raise FileError("the plan is not in its canonical form")
    tensors: dict[str, Array] = {}
    digests: dict[str, str] = {}
    wanted = expected_tensors(plan)
    unknown = sorted(set(there) - set(wanted) - {"plan"})
    if unknown:
        raise FileError(f"it holds {unknown[0]!r}, which its plan does not know")
    for key, (dtype, shape) in wanted.items():
        tensors[key], digests[key] = _tensor(there, key, dtype, shape)
    inputs = {k.removeprefix("input/"): v for k, v in tensors.items() if k.startswith("input/")}
    results = {k: v for k, v in tensors.items() if not k.startswith("input/")}
    return Golden(
        name, plan, inputs, results, contract, _number(file.attrs, "seed"), digests, whole
    )


def _tensor(
    there: dict[str, Any], key: str, dtype: str, shape: tuple[int, ...]
) -> tuple[Array, str]:
    if key not in there:
        raise FileError(f"the dataset {key!r} is missing")
    dataset = there[key]
    kind = np.dtype(DTYPES[dtype]).newbyteorder("<")
    if (dataset.dtype, dataset.shape) != (kind, shape):
        raise FileError(
            f"the dataset {key!r} is {dataset.dtype} {dataset.shape}; by the plan it is "
            f"{kind} {shape}"
        )
    digest = _text(dataset.attrs, "digest")
    _check_digest(key, digest)
    return np.asarray(dataset[()], DTYPES[dtype]), digest


def _check_digest(what: str, digest: str) -> None:
    if not DIGEST.fullmatch(digest):
        raise FileError(f"the digest of {what} is not 64 hexadecimal digits: {digest!r}")


def _text(attrs: Any, key: str) -> str:
    value = attrs.get(key)
    if not isinstance(value, bytes):
        raise FileError(f"the attribute {key!r} is missing, or is not text")
    return value.decode("ascii")


def _number(attrs: Any, key: str) -> int:
    value = attrs.get(key)
    if not isinstance(value, np.integer):
        raise FileError(f"the attribute {key!r} is missing, or is not a whole number")
    return int(value)


def _datasets(group: Any, prefix: str = "", depth: int = 5) -> dict[str, Any]:
    """Return all datasets by all their names, no deeper than a golden file is."""
    found: dict[str, Any] = {}
    for name, item in group.items():
        if isinstance(item, h5py.Group) and depth:
            found.update(_datasets(item, f"{prefix}{name}/", depth - 1))
        elif isinstance(item, h5py.Dataset):
            found[prefix + name] = item
        else:
            raise FileError(f"{prefix + name!r} is damaged, or does not belong into a golden file")
    return found
