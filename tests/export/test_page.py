"""The commands of the page run, and come to what it says."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import tinycl
from tinycl.bits import words
from tinycl.cli.main import main
from tinycl.export import Expected, read_tensors
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import Golden

PAGE = (Path(tinycl.__file__).parent / "export" / "README.md").read_text()
COMMANDS = re.findall(r"^    tinycl (.*)$", PAGE, re.MULTILINE)


def test_all_commands(tmp_path: Path, conv: Golden, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    y = words(conv.tensors["output/y"].transpose(0, 2, 3, 1)).reshape(-1)
    tokens = " ".join(f"{w:08x}" for w in y)
    Path("uart.log").write_text(f"boot\r\ny: {tokens}\r\n")
    Path("y.txt").write_text(tokens)
    assert len(COMMANDS) == 11
    for command in COMMANDS:
        assert main(shlex.split(command)) == 0, command
        said = capsys.readouterr().out
        if command.startswith("trace list"):
            Path("uart.log").write_text(said)
            (line,) = re.findall(r"^It prints `@tc \d+ (.*) \w+`:", PAGE, re.MULTILINE)
            assert line in said
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {
        *("conv.h", "conv.npz", "sgd.bin", "sgd.json", "uart.log", "y.txt"),
        *("runs", "board.hashes"),
    }
    assert "conv2d_forward_stride2_plain_output_y[" in Path("conv.h").read_text()


@pytest.mark.parametrize("line", re.findall(r"^    (y: .*|\[0\.12\].*)$", PAGE, re.MULTILINE))
def test_the_lines_of_the_page_are_tensors(tmp_path: Path, line: str) -> None:
    path = tmp_path / "uart.log"
    path.write_text(line)
    value = np.array([1, 2], np.float32)
    assert (
        read_tensors(path, Expected("a", {"output/y": value})).values["output/y"] == value
    ).all()


def test_the_case_of_the_page_is_in_the_catalogue() -> None:
    assert {"conv2d_forward/stride2_plain", "training/linear_sgd_plain"} <= set(catalogue())
    assert make(catalogue()["training/linear_sgd_plain"]).name in PAGE
