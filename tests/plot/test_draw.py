"""Figures: the same input gives the same bytes, and every panel has what it is for."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plot.made import altered, results
from tinycl.errors import FileError, TinyclError
from tinycl.plot import SUFFIXES, draw, read
from tinycl.plot.panels import POINTS, panels, thinned

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture
def told(tmp_path):
    def make(document):
        path = tmp_path / "results.json"
        path.write_text(json.dumps(document))
        return read(path)

    return make


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_bytes(told, tmp_path, suffix):
    """Again in a process with other hashes, another time of day and the user's own settings."""
    document = results()
    first, again = tmp_path / f"first{suffix}", tmp_path / f"again{suffix}"
    draw(told(document), first)
    (tmp_path / "matplotlibrc").write_text("axes.linewidth: 5\naxes.grid: True\nbackend: svg\n")
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "SOURCE_DATE_EPOCH": "1",
        "TZ": "Asia/Tokyo",
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
    }
    subprocess.run(
        [sys.executable, "-m", "tinycl", "plot", tmp_path / "results.json", "-o", again],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes().startswith(BEGINS[suffix])
    document["policy"]["layers"][0]["ratio"][0] += 0.25
    draw(told(document), again)
    assert first.read_bytes() != again.read_bytes()


@pytest.mark.parametrize("layers", [1, 2, 8, 9, 30])
def test_any_number_of_layers(told, tmp_path, layers):
    seen = told(results(layers))
    draw(seen, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size > 10_000
    first, _, channels, *_ = panels(seen)
    assert 0.15 * layers < first.height < 1.7 + 0.3 * layers
    assert 0.2 * layers < channels.height < 1 + 0.3 * layers


def drawn(panel):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    panel.draw(axes)
    return axes


def test_panels_show_what_was_told(told):
    seen = told(results(3, steps=7, width=2))
    ratio, skipped, channels, loss, accuracy = panels(seen)
    lines = drawn(ratio).lines
    assert [line.get_label() for line in lines] == list(seen.ratios)
    for line, values in zip(lines, seen.ratios.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
        assert line.get_xdata().tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert drawn(skipped).lines[0].get_ydata().tolist() == seen.skipped.tolist()
    assert drawn(skipped).get_ylim() == (0, 4)
    np.testing.assert_array_equal(drawn(loss).lines[0].get_ydata(), seen.loss)
    assert drawn(accuracy).lines[0].get_xydata().tolist() == [[7, 0.75]]
    axes = drawn(channels)
    for image, made in zip(axes.images, seen.maps, strict=True):
        np.testing.assert_array_equal(image.get_array(), made.share.T)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["pointwise0 output (3)", "pointwise1 output (4)", "pointwise2 output (5)"]
    assert "share of 2 steps" in channels.title


def test_many_layers_are_rows_of_a_map(told):
    seen = told(results(11))
    axes = drawn(panels(seen)[0])
    (image,) = axes.images
    assert image.get_array().shape == (11, 7)
    np.testing.assert_array_equal(image.get_array().filled(np.nan), list(seen.ratios.values()))
    assert [label.get_text() for label in axes.get_yticklabels()] == list(seen.ratios)


def test_panels_with_nothing_to_show_are_left_out(told):
    document = results()
    document["accuracy"], document["policy"]["skipped"], document["policy"]["samples"] = [], [], 0
    for layer in document["policy"]["layers"]:
        layer["channels"] = []
    titles = [panel.title for panel in panels(told(document))]
    assert titles == ["ratio of what survives, mean over the samples", "loss"]


ODD = [
    altered("policy/layers/0/ratio", [None] * 7),
    altered("policy/layers/0/ratio", [3e38] * 7),
    altered("loss", ["nan"] * 7),
    altered("loss", ["inf", "-inf", 1e38, -1e38, 1e-45, 0, -0.0]),
    altered("policy/layers/0/layer", "a$b^$_{"),
    altered("policy/layers/0/layer", "_hidden"),
    altered("data/name", "$x_{$ \n 数"),
    altered("policy/skipped", [4] * 7),
    results(1, steps=1, width=1),
    results(9, steps=1, width=1),
    results(2, steps=2001, width=11),
    results(9, steps=2001, every=4, width=11),
]


@pytest.mark.parametrize("document", ODD, ids=range(len(ODD)))
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_odd_runs(told, tmp_path, document):
    draw(told(document), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(BEGINS[".png"])


@settings(max_examples=30)
@given(
    st.lists(st.floats(-10, 10) | st.just(np.nan), min_size=1, max_size=7),
    st.integers(1, 400),
    st.integers(1, 5),
)
def test_thinned(values, repeat, every):
    given_values = np.array(values * repeat)
    steps = len(given_values) * every
    places, means, width = thinned(given_values, every, steps)
    assert len(places) == len(means) <= POINTS
    assert (len(means) - 1) * width < len(given_values) <= len(means) * width
    assert (np.diff(places) > 0).all()
    assert 0 < places[0] <= places[-1] <= steps
    for part, mean in enumerate(means):
        seen = given_values[part * width : (part + 1) * width]
        seen = seen[~np.isnan(seen)]
        if len(seen):
            assert mean == pytest.approx(seen.mean(), abs=1e-12)
        else:
            assert np.isnan(mean)


@pytest.mark.parametrize("name", ["a", "a.jpg", "a.json", ".png", "a.png.gz"])
def test_other_suffixes(told, tmp_path, name):
    with pytest.raises(TinyclError, match=r"must end in \.png, \.svg, \.pdf"):
        draw(told(results()), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_a_place_that_cannot_be_written(told, tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        draw(told(results()), tmp_path / "none" / "a.png")
