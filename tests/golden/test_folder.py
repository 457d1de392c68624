"""The folder against the catalogue, and files against the specification of today."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tinycl
from tinycl.golden import check as checking
from tinycl.golden.catalogue import catalogue
from tinycl.golden.check import check
from tinycl.golden.folder import Census, census, default_folder, names_in, path_of
from tinycl.golden.make import make
from tinycl.golden.schema import Golden, seal
from tinycl.golden.store import write


def test_missing_and_unused(tmp_path: Path) -> None:
    for name in ("a/x", "a/y", "stray"):
        path = path_of(tmp_path, name)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert names_in(tmp_path) == ["a/x", "a/y", "stray"]
    assert census(tmp_path, ["a/x", "a/y", "b/z"]) == Census(("b/z",), ("stray",))
    assert census(tmp_path / "nowhere", ["b/z"]) == Census(("b/z",), ())


def test_default_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_folder() == Path(tinycl.__file__).parents[1] / "golden"
    monkeypatch.setattr(tinycl, "__file__", str(tmp_path / "tinycl" / "__init__.py"))
    assert default_folder() == Path("golden")


def test_check_tells_altered_outdated_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = catalogue()["sgd/bare_plain"]
    golden = make(case)
    path = tmp_path / "x.h5"
    write(path, golden)
    assert check(path, case) == checking.Verdict((), (), False)

    path.write_bytes(path.read_bytes() + b"\0")
    assert check(path, case) == checking.Verdict((), (), True)

    def other(case: object) -> Golden:
        tensors = {k: v + np.float32(1) for k, v in golden.tensors.items()}
        return seal(golden.name, golden.plan, golden.inputs, tensors, golden.contract, 7)

    monkeypatch.setattr(checking, "make", other)
    verdict = check(path, case)
    assert verdict.outdated == ("seed", "trace/0/main/00.sgd/w", "output/w")

    write(path, replace(golden, digests={**golden.digests, "input/g": "0" * 64}))
    assert "input/g" in check(path, case).altered
