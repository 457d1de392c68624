"""`tinycl golden`: make, verify, list, show."""

import json
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import h5py
import numpy as np
import pytest

from tinycl.golden.catalogue import catalogue

SGD = ("sgd/bare_plain", "sgd/bare_hard")


@pytest.mark.parametrize("jobs", [1, 2])
def test_make_says_what_changed(tinycl, tmp_path: Path, jobs: int) -> None:
    out = tmp_path / "new"
    said = tinycl("golden", "make", "--out", out, "--jobs", jobs, "sgd/bare_*")
    assert (said.code, said.err) == (0, "")
    assert "2 cases, 2 new, 0 changed, 0 same" in said.out
    assert sorted(p.name for p in out.rglob("*") if p.is_file()) == [
        "bare_hard.h5",
        "bare_plain.h5",
    ]
    (out / "sgd/bare_hard.h5").write_bytes(b"rubbish")
    (out / "stray.h5").touch()
    said = tinycl("golden", "make", "--out", out, "--jobs", jobs, "--json", "sgd/bare_*")
    report = json.loads(said.out)
    assert report["written"] == {"sgd/bare_hard": "changed"}
    assert report["unused"] == ["stray"]
    said = tinycl("golden", "make", "--out", out, "--jobs", 1, "sgd/bare_*")
    assert "0 new, 0 changed, 2 same" in said.out
    assert "stray: no case" in said.out


def test_a_worker_that_dies_is_an_error(tinycl, tmp_path: Path, monkeypatch) -> None:
    def die(*arguments: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr(Future, "result", die)
    said = tinycl("golden", "make", "--out", tmp_path, "--jobs", 2, *SGD)
    assert said.code == 2
    assert "a worker process was killed" in said.err


def test_make_into_a_file_is_an_error(tinycl, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = tinycl("golden", "make", "--out", tmp_path / "file", "--jobs", 1, *SGD)
    assert said.code == 2
    assert "cannot be written" in said.err


def test_verify(tinycl, folder: Path) -> None:
    said = tinycl("golden", "verify", "--golden", folder, "--jobs", 1, "--bytes", *SGD)
    assert said.code == 0
    assert "2 golden files: all as the specification gives them" in said.out
    path = folder / "sgd/bare_plain.h5"
    path.write_bytes(path.read_bytes() + b"\0")
    assert tinycl("golden", "verify", "--golden", folder, "--jobs", 2, *SGD).code == 0
    said = tinycl("golden", "verify", "--golden", folder, "--jobs", 1, "--bytes", *SGD)
    assert said.code == 1
    assert "1 files differ in bytes only" in said.out


def test_verify_finds_what_is_wrong(tinycl, folder: Path) -> None:
    with h5py.File(folder / "sgd/bare_plain.h5", "r+") as stored:
        stored["output/w"][0, 0, 0] += 1
    (folder / "conv2d_forward/stride2_plain.h5").unlink()
    verify = ("golden", "verify", "--golden", folder, "--jobs", 1)
    said = tinycl(*verify, *SGD, "conv2d_forward/stride2_plain")
    assert said.code == 1
    assert "sgd/bare_plain: the golden itself was altered: trace/0/main/00.sgd/w" in said.out
    assert "conv2d_forward/stride2_plain: no golden file" in said.out
    with h5py.File(folder / "sgd/bare_hard.h5", "r+") as stored:
        stored.attrs["schema_version"] = np.int64(99)
    said = tinycl(*verify, "--json", *SGD)
    report = json.loads(said.out)
    assert (said.code, report["exit_code"]) == (2, 2)
    assert "schema_version is 99" in report["unreadable"]["sgd/bare_hard"]
    assert report["altered"] == {"sgd/bare_plain": ["trace/0/main/00.sgd/w", "output/w"]}


def test_verify_finds_unused_files(tinycl, folder: Path, monkeypatch) -> None:
    there = {n: c for n, c in catalogue().items() if (folder / f"{n}.h5").exists()}
    monkeypatch.setattr("tinycl.golden.catalogue.catalogue", lambda: there)
    (folder / "stray.h5").touch()
    said = tinycl("golden", "verify", "--golden", folder, "--jobs", 1)
    assert said.code == 1
    assert "stray: no case of the catalogue" in said.out


def test_list(tinycl, folder: Path) -> None:
    said = tinycl("golden", "list", "--golden", folder)
    assert said.code == 0
    assert len(said.out.splitlines()) == len(catalogue()) + 1
    assert " missing  sgd/momentum_plain" in said.out
    said = tinycl("golden", "list", "--golden", folder, "--json", "sgd/*")
    sizes = {case["name"]: case["bytes"] for case in json.loads(said.out)["cases"]}
    assert sizes["sgd/bare_plain"] == (folder / "sgd/bare_plain.h5").stat().st_size
    assert sizes["sgd/momentum_plain"] is None


def test_show(tinycl, folder: Path) -> None:
    name = "conv2d_forward/stride2_plain"
    said = tinycl("golden", "show", "--golden", folder, name)
    assert said.code == 0
    for part in (name, "conv2d_forward(x, w, bias) -> y", "padding=(0, 1, 1, 0)", "input/x"):
        assert part in said.out
    path = folder / f"{name}.h5"
    shown = json.loads(tinycl("golden", "show", path, "--json").out)
    assert shown["tensors"]["output/y"]["shape"] == [2, 5, 4, 3]
    assert shown["plan"]["outputs"] == ["y"]
    with h5py.File(path, "r+") as stored:
        stored["input/x"][0, 0, 0, 0] = 5
    said = tinycl("golden", "show", path)
    assert said.code == 1
    assert "the golden itself was altered: input/x" in said.out
    assert tinycl("golden", "show", "--golden", folder, "no/case").code == 2
