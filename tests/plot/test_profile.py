"""The figure of a profile: equal bytes, and bars that are as long as what was measured."""

from __future__ import annotations

import dataclasses

import pytest

from tests.profile.conftest import planted, report, small  # noqa: F401
from tinycl.errors import FileError, TinyclError
from tinycl.plot import SUFFIXES
from tinycl.plot.profile import MOST, draw_profile, panels


def drawn(panel):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    panel.draw(axes)
    return axes


def ends_of(axes):
    """Return where each stack of bars ends."""
    stacks = zip(*axes.containers, strict=True)
    return [max(bar.get_x() + bar.get_width() for bar in stack) for stack in stacks]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_bytes(report, tmp_path, suffix):  # noqa: F811
    made = report()
    for name in ("a", "b"):
        draw_profile(made, tmp_path / (name + suffix))
    first = (tmp_path / f"a{suffix}").read_bytes()
    assert first == (tmp_path / f"b{suffix}").read_bytes()
    draw_profile(dataclasses.replace(made, what="another"), tmp_path / f"b{suffix}")
    assert first != (tmp_path / f"b{suffix}").read_bytes()


def test_bars(report):  # noqa: F811
    made = report()
    dense, other = made.profiles
    step, rows, policies = panels(made)
    axes = drawn(step)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["in place, 1 core", "in place, 4 cores", "tiles, 1 core", "tiles, 4 cores"]
    ends = ends_of(axes)
    assert ends == pytest.approx([dense.total(run) / 3 for run in dense.runs])
    axes = drawn(rows)
    in_place, tiles = axes.containers
    runs = [dense.find(4, local) for local in (0, -1)]
    assert in_place[0].get_width() == max(runs[0].cycles) / 3
    for bars, run in zip((in_place, tiles), runs, strict=True):
        assert sum(bar.get_width() for bar in bars) == pytest.approx(sum(run.cycles) / 3)
        assert len(bars) == min(MOST + 1, len(dense.operations))
    assert axes.get_yticklabels()[-1].get_text() == f"{len(dense.operations) - MOST} others"
    axes = drawn(policies)
    ends = ends_of(axes)
    share = [other.total(other.find(4, n)) / dense.total(dense.find(4, n)) for n in (0, -1)]
    assert ends == pytest.approx([1, 1, *share])


def test_what_has_nothing_to_show_is_left_out(report, tmp_path):  # noqa: F811
    assert len(panels(report([small()]))) == 2
    assert len(panels(report([small("a$_{"), small("b")]))) == 1
    draw_profile(report([small("a$_{"), small("b")]), tmp_path / "a.png")
    alone = report([small(steps=1)], cores=(1,), places=(0,), cycles=False)
    draw_profile(alone, tmp_path / "b.png")
    p = alone.profiles[0]
    nothing = dataclasses.replace(p.runs[0], instructions=(0,) * len(p.operations))
    empty = dataclasses.replace(alone, profiles=(dataclasses.replace(p, runs=(nothing,)),))
    draw_profile(empty, tmp_path / "c.png")


def test_wrong_places(report, tmp_path):  # noqa: F811
    with pytest.raises(TinyclError, match=r"must end in \.png"):
        draw_profile(report([small()]), tmp_path / "a.jpg")
    with pytest.raises(FileError, match="cannot be written"):
        draw_profile(report([small()]), tmp_path / "none" / "a.png")
