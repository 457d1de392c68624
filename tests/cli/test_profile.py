"""`tinycl run --profile`: 0 with tables, 1 where bits differ, 2 with the mistake's name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.profile.planted import Planted
from tinycl.cli.run import local
from tinycl.target.registry import TARGETS

RUN = ("run", "--profile", "--target", "gvsoc")
CONV = "conv2d_forward/stride2_plain"


@pytest.fixture(autouse=True)
def _planted(monkeypatch):
    monkeypatch.setitem(TARGETS, "gvsoc", "tests.profile.planted:Planted")


def test_the_net(tinycl, tmp_path: Path) -> None:
    figure = tmp_path / "a.png"
    more = ("--policy", "channels-25", "--policy", "dense", "--steps", 1, "--figure", figure)
    said = tinycl(*RUN, *more)
    assert (said.code, said.err) == (0, "")
    for part in (
        "By operation: dense, in place, cycles; MAC/cycle and what follows: 8 cores",
        "Dense against each policy, tiles, cycles",
        "pointwise12.dweight",
        "channels-25",
        "all equal to the specification",
    ):
        assert part in said.out
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_json_and_cores(tinycl) -> None:
    said = tinycl(*RUN, "--json", "--policy", "dense", "--steps", 2, "--cores", "2,3")
    page = json.loads(said.out)
    assert (said.code, page["unit"], page["different"]) == (0, "cycles", [])
    (dense,) = page["profiles"]
    assert dense["steps"] == 2
    assert [(r["cores"], r["local"]) for r in dense["runs"]] == [(2, 0), (3, 0), (2, -1), (3, -1)]
    assert sum(row[-1] for row in dense["operations"]) == 2 * 4_180_992


def test_cases(tinycl, folder: Path) -> None:
    said = tinycl(*RUN, "--golden", folder, "--local", "none", CONV, "sgd/bare_*")
    assert (said.code, said.err) == (0, "")
    assert said.out.count(CONV) == 4 + 1  # the step on four numbers of cores, one operation
    assert "tiles" not in said.out


def test_too_little_local_memory_is_told(tinycl, folder: Path) -> None:
    said = tinycl(*RUN, "--golden", folder, "--local", "3", CONV)
    assert said.code == 0
    assert "with 3 bytes of local memory, no operation was cut into tiles" in said.out


def test_other_bits_are_1(tinycl, folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(Planted.__init__, "__defaults__", (True, 0, True, 8, ("y",), 0))
    said = tinycl(*RUN, "--golden", folder, CONV)
    assert said.code == 1
    assert f"{CONV}: output/y (in place, 1 core)" in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--target", "numpy"), "numpy counts nothing, so that it has no profile; --target gvsoc"),
        (("--target", "host"), "--target qemu counts instructions, 1 core"),
        (("--target", "fpga"), "'fpga' does not exist"),
        (("--steps", "0"), "--steps takes 1 to 1000, got 0"),
        (("--policy", "tinyprob"), "no policy 'tinyprob'; choose from dense"),
        (("--cores", "9"), "runs on 1 to 8 cores, got 9"),
        (("--figure", "a.jpg"), "must end in .png, .svg, .pdf"),
        (("--golden", "golden"), "--golden of a profile goes with cases"),
        (("--steps", "2", CONV), "--steps is for the net's steps"),
        (("--policy", "dense", CONV), "--policy is for the net's steps"),
        (("nothing*",), "no case matches 'nothing*'"),
    ],
)
def test_wrong_usage_is_2(tinycl, arguments, told) -> None:
    said = tinycl("run", "--profile", "--target", "gvsoc", *arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err


@pytest.mark.parametrize("option", ["--steps", "--policy", "--figure"])
def test_an_option_of_a_profile_alone_is_2(tinycl, option) -> None:
    said = tinycl("run", option, "1")
    assert (said.code, said.out) == (2, "")
    assert f"{option} belongs to a profile: add --profile" in said.err


def test_an_altered_golden_is_2(tinycl, folder: Path) -> None:
    import h5py

    with h5py.File(folder / f"{CONV}.h5", "r+") as stored:
        value = stored["input/w"][()]
        value[0, 0, 0, 0] += 1
        stored["input/w"][...] = value
    said = tinycl(*RUN, "--golden", folder, CONV)
    assert said.code == 2
    assert "the golden was altered (input/w)" in said.err


def test_a_missing_target_is_3(tinycl, monkeypatch) -> None:
    monkeypatch.setattr(Planted, "available", lambda self: "install something")
    said = tinycl(*RUN)
    assert (said.code, said.out) == (3, "")
    assert "gvsoc is not available: install something" in said.err


def test_matplotlib_missing_is_2(tinycl, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = tinycl(*RUN, "--figure", "a.png")
    assert (said.code, said.out) == (2, "")
    assert "matplotlib is not installed; pip install 'tinycl[plot]'" in said.err


def test_a_figure_that_cannot_be_written_is_2(tinycl, folder: Path, tmp_path: Path) -> None:
    said = tinycl(*RUN, "--golden", folder, "--figure", tmp_path / "none" / "a.png", CONV)
    assert said.code == 2
    assert "cannot be written" in said.err


def test_local() -> None:
    assert [local(text) for text in ("all", "none", "both", "0", "4096")] == [
        (-1,), (0,), (0, -1), (0,), (4096,)
    ]  # fmt: skip
    for text in ("", "-1", "1.5", "some", "²", str(1 << 31)):
        with pytest.raises(Exception, match="is not all, none, both or a number of bytes"):
            local(text)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from tinycl.cli.main import main; code = main(['run', '--help']);"
        "assert not {'numpy', 'rich', 'matplotlib'} & set(sys.modules); sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, timeout=60)
