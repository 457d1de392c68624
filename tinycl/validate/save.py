"""Findings as golden files: one operation, its inputs, what is right; read back to replay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.contract import DEFAULT
from tinycl.errors import FileError
from tinycl.golden.catalogue.case import one_operation
from tinycl.golden.schema import Golden, seal
from tinycl.golden.store import read, write
from tinycl.target.numpy_target import NumpyTarget
from tinycl.validate.case import Case
from tinycl.validate.kinds import Finding
from tinycl.validate.table import KERNELS, STRUCTS

HEAD = "validate"


def save(finding: Finding, folder: Path) -> Finding:
    """Write ``FOLDER/KERNEL-KIND.h5``; return the finding with its path.

    Raises
    ------
    FileError
        The folder cannot be written.
    """
    case = finding.case
    path = folder / f"{case.name}-{finding.kind}.h5"
    write(path, golden_of(case, finding.kind))
    return replace(finding, path=str(path))


def golden_of(case: Case, kind: str) -> Golden:
    """Return the golden file of a case; its name says what a plan cannot: cores and all sizes."""
    sizes = ".".join(str(value) for _, value in case.sizes)
    name = "/".join((HEAD, case.name, kind, f"{case.cores}-{sizes}"))
    names = [arg.name for arg in case.row.inputs]
    operands = dict(zip(names, case.operands(case.data()), strict=False))
    plan, inputs = one_operation(case.row.name, operands, case.attributes())
    with np.errstate(all="ignore"):
        result = NumpyTarget().run(plan, inputs)
    return seal(name, plan, inputs, result.tensors(), DEFAULT, case.seed)


def load(path: Path) -> tuple[Case, str]:
    """Return the case of a golden file that `save` has written, and its kind.

    Raises
    ------
    FileError
        It is no such file, or damaged.
    """
    golden = read(path)
    parts = golden.name.split("/")
    if len(parts) != 4 or parts[0] != HEAD or parts[1] not in KERNELS or golden.altered:
        raise FileError(
            f"{path}: holds {golden.name!r}, which `tinycl validate` has not written, or was "
            "altered; `tinycl run` replays other golden files"
        )
    (op,) = (op for body in golden.plan.bodies.values() for op in body.ops)
    given = {n: v for n, v in zip((a.name for a in _inputs(op.kind)), op.inputs, strict=True) if v}
    data = {name: golden.inputs[tensor] for name, tensor in given.items()}
    kernel, (cores, sizes) = KERNELS[parts[1]], _numbers(path, parts[1], parts[3])
    if kernel.name == "matmul":
        data = {"a": data["x"].T if sizes["transpose_a"] else data["x"]} | {
            "b": data["w"] if sizes["transpose_b"] else data["w"].T
        }
    for name, value in data.items():
        if value.shape != kernel.shape(name, sizes):
            raise FileError(f"{path}: {name} is {value.shape}, its name says {sizes}: altered")
    case = Case(
        kernel.name,
        tuple((f, sizes[f]) for f in STRUCTS[kernel.family].split()),
        kernel.optional is None or kernel.optional in data,
        seed=golden.seed,
        cores=cores,
        given=tuple((n, np.ascontiguousarray(v).tobytes()) for n, v in data.items()),
    )
    return case.but(values=_values(data)), parts[2]


def _inputs(kind: str) -> tuple[Any, ...]:
    from tinycl.ops import TABLE

    return TABLE[kind].inputs


def _numbers(path: Path, name: str, text: str) -> tuple[int, dict[str, int]]:
    """Read cores and sizes."""
    cores, _, rest = text.partition("-")
    fields, values = STRUCTS[KERNELS[name].family].split(), rest.split(".")
    if len(values) != len(fields) or not all(
        v.isascii() and v.isdecimal() for v in (cores, *values)
    ):
        raise FileError(f"{path}: {text!r} are not cores and sizes of {name}: altered")
    return int(cores or 1), dict(zip(fields, (int(v or 0) for v in values), strict=True))


def _values(data: dict[str, Array]) -> str:
    """Return the class that is judged as these numbers have to be."""
    floats = [v for v in data.values() if v.dtype == np.float32]
    if any(not np.isfinite(v).all() for v in floats):
        return "special"
    sizes = np.concatenate([np.abs(v[v != 0]).ravel() for v in floats] or [np.ones(1)])
    return "hard" if sizes.size and (sizes.max() > 2.0**20 or sizes.min() < 2.0**-20) else "plain"
