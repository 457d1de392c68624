"""`tinycl trace list` and `tinycl trace diff`."""

import io
import json
import sys
from pathlib import Path

import pytest

CASE = "conv2d_forward/stride2_plain"


@pytest.fixture
def log(tinycl, folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "uart.log"
    path.write_text(tinycl("trace", "list", CASE, "--golden", folder, "--inputs").out)
    return path


def test_what_list_prints_is_equal(tinycl, folder: Path, log: Path) -> None:
    assert len(log.read_text().splitlines()) == 4
    said = tinycl("trace", "diff", log, CASE, "--golden", folder)
    assert said.code == 0
    for part in ("4 lines read (cores 0), 4 matched, 0 different", "0 of the 1 hashes expected"):
        assert part in said.out
    assert "all 4 that were compared are equal" in said.out
    assert tinycl("trace", "diff", log, CASE, "--golden", folder, "--layout", "hwc").code == 1
    listed = json.loads(tinycl("trace", "list", CASE, "--golden", folder, "--json").out)
    assert [h["key"] for h in listed] == ["trace/0/main/00.conv2d_forward/y"]


def test_standard_input(tinycl, folder: Path, log: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log.read_bytes())))
    assert tinycl("trace", "diff", "-", CASE, "--golden", folder).code == 0


def test_a_difference(tinycl, folder: Path, log: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.log"
    other.write_text(tinycl("trace", "list", CASE, "--golden", folder, "--layout", "hwc").out)
    said = tinycl("trace", "diff", other, CASE, "--golden", folder)
    assert said.code == 1
    assert "the first that differs: step 0, conv2d_forward, y, printed by core 0" in said.out
    found = json.loads(tinycl("trace", "diff", other, CASE, "--golden", folder, "--json").out)
    assert found["exit_code"] == 1
    assert found["mismatches"][0]["key"] == "trace/0/main/00.conv2d_forward/y"


def test_nothing_to_compare_is_2(tinycl, folder: Path, log: Path, tmp_path: Path) -> None:
    lines = log.read_text().splitlines()
    for text, told in (
        ("", "no whole line '@tc ...' in it, 0 damaged"),
        (lines[3][:-1], "no whole line '@tc ...' in it, 1 damaged"),
        (lines[0], "only lines of what goes in match"),
    ):
        log.write_text(text)
        said = tinycl("trace", "diff", log, CASE, "--golden", folder)
        assert said.code == 2
        assert told in said.err
    other = tinycl("trace", "list", "sgd/bare_plain", "--golden", folder).out
    log.write_text(other)
    said = tinycl("trace", "diff", log, CASE, "--golden", folder)
    assert said.code == 2
    assert "no line is of this golden; the first is of step 0, sgd, w" in said.err
    assert tinycl("trace", "diff", tmp_path / "none.log", CASE, "--golden", folder).code == 2
    assert tinycl("trace", "diff", tmp_path, CASE, "--golden", folder).code == 2


def test_all_must_be_there(tinycl, folder: Path, tmp_path: Path) -> None:
    case, log = "training/linear_sgd_plain", tmp_path / "uart.log"
    page = tinycl("trace", "list", case).out
    other = tinycl("trace", "list", "sgd/bare_plain", "--golden", folder).out
    lines = page.splitlines(keepends=True)
    for text, code in ((page, 0), ("".join(lines[:-1]), 1), (page + other, 1), ("", 2)):
        log.write_text(text)
        assert tinycl("trace", "diff", log, case).code == (code if code == 2 else 0)
        assert tinycl("trace", "diff", log, case, "--all").code == code
        said = tinycl("trace", "diff", log, case, "--all")
        assert ("are equal, and not all were" in said.out) == (code == 1)
        told = tinycl("trace", "diff", log, case, "--all", "--json").out
        assert json.loads(told)["exit_code"] == code
