"""`tools/profile`: what it writes, what it refuses to write, what it finds changed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.profile.planted import Planted
from tinycl.errors import ExitCode, FileError, TinyclError
from tinycl.profile import read
from tinycl.profile.text import BEGIN, END
from tinycl.target.registry import TARGETS

ROOT = Path(__file__).resolve().parents[2]
SHORT = ("--policy", "dense", "--policy", "bias-only", "--steps", "1")


@pytest.fixture
def tool(monkeypatch):
    """Return the tool's `main`, on the planted target."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    monkeypatch.setitem(TARGETS, "gvsoc", "tests.profile.planted:Planted")
    import profile_report

    yield lambda *words: profile_report.main([str(word) for word in words])
    del sys.modules["profile_report"]


@pytest.fixture
def places(tmp_path):
    shutil.copy(ROOT / "c_ref" / "PROFILE.md", tmp_path / "page.md")
    return tmp_path / "page.md", tmp_path / "record.json"


def test_it_writes_and_checks(tool, places, capsys, monkeypatch):
    page, record = places
    assert tool(*SHORT, "--into", *places) == ExitCode.EQUAL
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    inside, _, after = rest.partition(END)
    assert (before, after) == (
        (ROOT / "c_ref" / "PROFILE.md").read_text().partition(BEGIN)[0],
        "\n",
    )
    assert "| bias-only |" in inside
    assert "- simulator revision: abc" in inside
    assert {p.name for p in read(record).profiles} == {"dense", "bias-only"}
    assert tool(*SHORT, "--check", record) == ExitCode.EQUAL
    assert "0 changes since" in capsys.readouterr().out
    document = json.loads(record.read_text())
    document["profiles"][0]["runs"][3]["cycles"][2] += 1
    record.write_text(json.dumps(document))
    kept = record.read_bytes(), page.read_bytes()
    assert tool(*SHORT, "--check", record) == ExitCode.DIFFERENT
    said = capsys.readouterr().out
    assert "1 changes since" in said
    assert "dense: in place, 8 cores: train/02.depthwise_forward: cycles were" in said
    assert (record.read_bytes(), page.read_bytes()) == kept


def test_other_bits_are_not_written(tool, places, monkeypatch):
    page, record = places
    kept = page.read_bytes()
    monkeypatch.setattr(Planted.__init__, "__defaults__", (True, 0, True, 8, ("conv2d0.bias",), 0))
    assert tool(*SHORT, "--into", *places) == ExitCode.DIFFERENT
    assert page.read_bytes() == kept
    assert not record.exists()


def test_a_page_without_a_place(tool, places):
    page, record = places
    page.write_text("no markers")
    with pytest.raises(TinyclError, match=r"page\.md: the page needs the lines"):
        tool(*SHORT, "--into", *places)
    with pytest.raises(TinyclError, match="cannot be read"):
        tool(*SHORT, "--into", page.with_name("none.md"), record)
    with pytest.raises(FileError, match="cannot be read"):
        tool(*SHORT, "--check", record)


def test_the_committed_page_has_a_place(tool):
    text = (ROOT / "c_ref" / "PROFILE.md").read_text()
    assert text.count(BEGIN) == text.count(END) == 1
