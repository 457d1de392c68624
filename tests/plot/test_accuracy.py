"""The figure of continual learning: what it shows is what was told, and its bytes are fixed."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tinycl.cl import Accuracies
from tinycl.errors import FileError, TinyclError
from tinycl.plot import SUFFIXES, draw_accuracies
from tinycl.plot.accuracy import panels

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def made(batches=5, tasks=5, seed=0, names=True, before=True):
    rng = np.random.default_rng(seed)
    of = rng.integers(5, 50, tasks)
    correct = rng.integers(0, of + 1, (batches, tasks))
    learned = tuple(min(j, batches - 1) for j in range(tasks))
    told = tuple(f"task {j}" for j in range(tasks)) if names else ()
    return Accuracies(correct, of, learned, correct[0] // 2 if before else None, told)


def drawn(panel):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    panel.draw(axes)
    return axes


def test_what_is_shown():
    runs = {"naive": made(), "replay": made(seed=1, before=False)}
    lines, *matrices = panels(runs)
    axes = drawn(lines)
    for place, run in enumerate(runs.values()):
        whole, seen = axes.lines[2 * place : 2 * place + 2]
        np.testing.assert_array_equal(whole.get_ydata(), run.over_batches())
        np.testing.assert_array_equal(seen.get_ydata(), run.over_seen())
        assert whole.get_xdata().tolist() == [0, 1, 2, 3, 4]
        assert seen.get_linestyle() == ":"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(runs)
    for panel, (name, run) in zip(matrices, runs.items(), strict=True):
        axes = drawn(panel)
        np.testing.assert_array_equal(axes.images[0].get_array(), run.matrix)
        assert [label.get_text() for label in axes.get_xticklabels()] == list(run.names)
        assert [text.get_text() for text in axes.texts] == [f"{v:.2f}" for v in run.matrix.flat]
        assert panel.title.startswith(f"{name}: ")
        assert f"average {run.average():.3f}, forgetting {run.forgetting():.3f}" in panel.title
        assert ("forward transfer" in panel.title) == (run.before is not None)
        edges = [bar.get_segments()[0].tolist() for bar in axes.collections]
        assert edges == [[[j - 0.5, j - 0.5], [j + 0.5, j - 0.5]] for j in range(5)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_bytes(tmp_path, suffix):
    """Again in a process with other hashes and another time of day."""
    first, again = tmp_path / f"first{suffix}", tmp_path / f"again{suffix}"
    draw_accuracies({"a": made()}, first, "title")
    code = (
        "from pathlib import Path; from tests.plot.test_accuracy import made;"
        "from tinycl.plot import draw_accuracies;"
        f"draw_accuracies({{'a': made()}}, Path({str(again)!r}), 'title')"
    )
    more = {"PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1", "TZ": "Asia/Tokyo"}
    environment = {**os.environ, **more, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=120)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes().startswith(BEGINS[suffix])
    draw_accuracies({"a": made(seed=2)}, again, "title")
    assert first.read_bytes() != again.read_bytes()


@pytest.mark.parametrize(("batches", "tasks"), [(1, 1), (2, 30), (30, 2), (391, 50), (12, 12)])
def test_any_size(tmp_path, batches, tasks):
    run = made(batches, tasks, names=tasks != 2)
    draw_accuracies({"a$b_{": run, "_hidden": run}, tmp_path / "a.svg", "$x_{")
    assert (tmp_path / "a.svg").stat().st_size > 8_000
    lines, matrix, _ = panels({"a$b_{": run, "_hidden": run})
    assert matrix.height < 6.5
    assert len(drawn(lines).get_legend().get_texts()) == 2
    assert len(drawn(matrix).texts) == (batches * tasks if max(batches, tasks) <= 12 else 0)


def test_nothing_seen_yet(tmp_path):
    run = Accuracies(np.array([[1]]), np.array([2]), (4,))
    draw_accuracies({"a": run}, tmp_path / "a.png")
    assert np.isnan(drawn(panels({"a": run})[0]).lines[1].get_ydata()).all()


def test_what_cannot_be_drawn(tmp_path):
    with pytest.raises(TinyclError, match="there are no runs to draw"):
        draw_accuracies({}, tmp_path / "a.png")
    with pytest.raises(TinyclError, match=r"must end in \.png, \.svg, \.pdf"):
        draw_accuracies({"a": made()}, tmp_path / "a.jpg")
    with pytest.raises(FileError, match="cannot be written"):
        draw_accuracies({"a": made()}, tmp_path / "none" / "a.png")
    assert not list(tmp_path.iterdir())
