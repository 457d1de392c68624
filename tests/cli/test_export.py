"""`tinycl export`, and `tinycl diff` with what it wrote."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from tinycl.golden.store import read

CASE = "conv2d_forward/stride2_plain"


@pytest.mark.parametrize("layout", ["chw", "hwc"])
@pytest.mark.parametrize("form", ["c", "npz", "bin"])
def test_there_and_back(tinycl, folder: Path, tmp_path: Path, form: str, layout: str) -> None:
    path = tmp_path / f"a.{form if form != 'c' else 'h'}"
    where = ("--golden", folder)
    made = tinycl("export", CASE, *where, "--format", form, "-o", path, "--layout", layout)
    assert (made.code, made.err) == (0, "")
    assert f"{path}: " in made.out
    option = ("--layout", layout) if form == "c" else ()
    same = tinycl("diff", CASE, path, *where, *option)
    assert (same.code, same.out) == (
        0,
        f"{len(read(folder / f'{CASE}.h5').everything)} tensors, all equal\n",
    )
    other = "chw" if layout == "hwc" else "hwc"
    wrong = tinycl("diff", folder / f"{CASE}.h5", path, "--layout", other)
    assert wrong.code == (1 if form == "c" else 2)


def test_default_names_and_force(tinycl, folder: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    command = ("export", folder / f"{CASE}.h5", "--format", "bin", "--json")
    assert json.loads(tinycl(*command).out)["files"] == ["stride2_plain.bin", "stride2_plain.json"]
    again = tinycl(*command)
    assert again.code == 2
    assert "stride2_plain.bin: is there already; --force writes over it" in again.err
    assert tinycl(*command, "--force").code == 0


def test_cases_without_a_file_and_nonsense(tinycl, folder: Path, tmp_path: Path) -> None:
    made = tinycl(
        "export", "add/all_plain", "--golden", folder, "--format", "npz", "-o", tmp_path / "a.npz"
    )
    assert made.code == 2 or (tmp_path / "a.npz").is_file()
    said = tinycl("export", "nonsense", "--golden", folder, "--format", "c")
    assert said.code == 2
    assert "'nonsense' is neither a file that ends in .h5 nor a case" in said.err
    assert tinycl("export", CASE, "--golden", folder, "--format", "csv").code == 2


def test_an_altered_golden_is_not_exported(tinycl, folder: Path, tmp_path: Path) -> None:
    with h5py.File(folder / f"{CASE}.h5", "r+") as stored:
        stored["input/x"][0, 0, 0, 0] = 3
    for command in (
        ("export", CASE, "--golden", folder, "--format", "c", "-o", tmp_path / "a.h"),
        ("trace", "list", CASE, "--golden", folder),
    ):
        said = tinycl(*command)
        assert said.code == 2
        assert "the golden itself was altered: input/x" in said.err
    assert not (tmp_path / "a.h").exists()


def test_some_tensors(tinycl, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    command = ("export", CASE, "--golden", folder, "--format", "npz", "-o", path)
    assert tinycl(*command, "--tensors", "output/*", "input/w").code == 0
    assert tinycl("diff", CASE, path, "--golden", folder, "--tensors", "input/w").code == 0
    said = tinycl("diff", CASE, path, "--golden", folder)
    assert said.code == 1
    assert "only A has it" in said.out
    unexpected = tinycl("diff", path, folder / f"{CASE}.h5", "--json")
    assert unexpected.code == 1
    found = json.loads(unexpected.out)["tensors"]
    assert {d["kind"] for d in found.values()} == {"unexpected"}
    assert tinycl("diff", CASE, path, "--golden", folder, "--tensors", "x").code == 2


def test_other_shapes_and_dtypes(tinycl, folder: Path, tmp_path: Path) -> None:
    y = read(folder / f"{CASE}.h5").tensors["output/y"]
    for other, kind in ((y.reshape(-1), "shape"), (y.astype("f8"), "dtype"), (y[..., :1], "shape")):
        np.savez(tmp_path / "a.npz", **{"output/y": other})
        said = tinycl(
            "diff", CASE, tmp_path / "a.npz", "--golden", folder, "--tensors", "output/y", "--json"
        )
        assert said.code == 1
        assert json.loads(said.out)["tensors"]["output/y"]["kind"] == kind


def test_a_dump(tinycl, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "uart.log"
    y = read(folder / f"{CASE}.h5").tensors["output/y"]
    tokens = [f"{w:08x}" for w in y.transpose(0, 2, 3, 1).reshape(-1).view("u4")]
    path.write_text("boot\r\ny: " + " ".join(tokens) + "\r\nbye\r\n")
    command = ("diff", CASE, path, "--golden", folder, "--layout", "hwc")
    said = tinycl(*command)
    assert said.code == 0
    assert "1 tensors, all equal" in said.out
    assert "not in B, not compared: input/x, input/w" in said.out
    tokens[0] = "7fc00001"
    path.write_text("y: " + " ".join(tokens))
    said = tinycl(*command)
    assert said.code == 1
    for part in ("output/y", "n=0 co=0 ho=0 wo=0", "7fc00000 nan", "1 of 1 tensors differ"):
        assert part in said.out
    needed = tinycl(*command, "--tensors", "output/y", "input/b*")
    assert needed.code == 1
    assert "only A has it" in needed.out
    path.write_text("\n".join(tokens))
    assert tinycl(*command).code == 2
    alone = tinycl(*command, "--tensor", "y", "--json")
    assert alone.code == 1
    assert json.loads(alone.out)["compared"] == 1
    path.write_text("\n".join(tokens[1:]))
    cut = tinycl(*command, "--tensor", "y")
    assert cut.code == 2
    assert "was the dump cut short?" in cut.err


def test_a_header_with_its_own_prefix(tinycl, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.h"
    where = ("--golden", folder)
    assert tinycl("export", CASE, *where, "--format", "c", "--prefix", "fw", "-o", path).code == 0
    assert tinycl("diff", CASE, path, *where).code == 2
    assert tinycl("diff", CASE, path, *where, "--prefix", "fw").code == 0


def test_files_that_are_not_there(tinycl, folder: Path, tmp_path: Path) -> None:
    for name in ("a.npz", "a.bin", "a.json", "a.log", "a.h5"):
        said = tinycl("diff", CASE, tmp_path / name, "--golden", folder)
        assert said.code == 2
        assert "no such file" in said.err
    (tmp_path / "a.log").write_text("y: 3f800000")
    said = tinycl("diff", tmp_path / "a.log", tmp_path / "a.log")
    assert said.code == 2
    assert "a dump has no shapes and comes second" in said.err
    said = tinycl("diff", CASE, folder / f"{CASE}.h5", "--golden", folder, "--layout", "hwc")
    assert said.code == 2
    assert "leave the option out" in said.err


def test_a_part_of_two_goldens(tinycl, folder: Path) -> None:
    path = folder / f"{CASE}.h5"
    said = tinycl("diff", path, path, "--tensors", "output/*")
    assert (said.code, said.out) == (0, "1 tensors, all equal\n")


def test_a_dump_read_in_the_wrong_order(tinycl, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "y.txt"
    y = read(folder / f"{CASE}.h5").tensors["output/y"].transpose(0, 2, 3, 1)
    path.write_text(np.ascontiguousarray(y).astype(">f4").tobytes().hex("\n", 4))
    command = ("diff", CASE, path, "--golden", folder, "--tensor", "y")
    said = tinycl(*command)
    assert said.code == 1
    hint = "output/y: equal with --layout hwc"
    assert hint in said.out
    assert json.loads(tinycl(*command, "--json").out)["hints"] == {"output/y": hint[10:]}
    assert tinycl(*command, "--layout", "hwc").code == 0
    path.write_text(np.ascontiguousarray(y).astype("<f4").tobytes().hex("\n", 4))
    said = tinycl(*command)
    assert said.code == 1
    assert f"{hint} and the bytes of each word in the other order" in " ".join(said.out.split())
