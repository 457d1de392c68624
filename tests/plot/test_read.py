"""Results files are read as they were written, or refused in one sentence."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plot.made import altered, results
from tinycl.errors import FileError
from tinycl.plot import read
from tinycl.train import Config, begin
from tinycl.train import results as written


@pytest.fixture
def file(tmp_path):
    def put(document):
        path = tmp_path / "results.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return put


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("width", [1, 2, 7, 9])
def test_what_is_written_is_read(file, every, width):
    document = results(steps=7, every=every, width=width)
    told = read(file(document))
    assert (told.title, told.steps) == ("conv:3-4 on digits, policy tinypropv2", 7)
    for part in ("backward 25.0%", "forward + backward 50.0%", "75.0% (90.0% while choosing)"):
        assert part in told.totals
    page = document["policy"]
    for layer, made in zip(page["layers"], told.maps, strict=True):
        wanted = [np.nan if v is None else v for v in layer["ratio"]]
        np.testing.assert_array_equal(told.ratios[layer["layer"]], wanted)
        assert made.name == f"{layer['layer']} output"
        for row, (counts, share) in enumerate(
            zip(layer["channels"][0]["updated"], made.share.tolist(), strict=True)
        ):
            assert share == [c / min(width, 7 - row * width) for c in counts]
    assert told.skipped.tolist() == page["skipped"]
    np.testing.assert_array_equal(told.loss, [float(v) for v in document["loss"]])
    assert told.accuracy.tolist() == [[7, 0.75]]


@pytest.mark.parametrize(("kind", "maps"), [("tinypropv2", 0), ("channels", 2)])
def test_a_run_is_read(tmp_path, kind, maps):
    """What `tinycl train` writes, and its folder in the place of the file."""
    table = {"net": "mlp:64-6-10", "batch": 71, "microbatches": 1, "epochs": 3, "policy": kind}
    if kind == "channels":
        table |= {"microbatches": 2, "choose": 1}
    run = begin(Config.from_table(table | {"target": "numpy"}), tmp_path)
    run.train()
    told = read(tmp_path)
    page = run.document()["policy"]
    assert told.steps == page["steps"] == len(told.loss) == 60
    assert len(told.skipped) == (0 if maps else 60)
    assert list(told.ratios) == [layer["layer"] for layer in page["layers"]]
    assert told.accuracy[:, 0].tolist() == [20, 40, 60]
    assert len(told.maps) == maps
    assert written.FORMAT == 1  # read.py reads this one


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        ("", "not JSON, or cut short"),
        ("{", "not JSON, or cut short"),
        ("[" * 100_000, "not JSON, or cut short"),
        ("\x00\xff", "not JSON"),
        ("[1]", "holds no results"),
        ("{}", "holds no results"),
        ("null", "holds no results"),
        (altered("format", 2), "its format is 2; this tinycl reads 1"),
        (altered("format", [1]), "its format is "),
        (altered("policy", None), "dense, or was interrupted"),
        (altered("policy", []), "damaged, or of another tinycl"),
        (altered("policy/every", ...), "KeyError: 'every'"),
        (altered("policy/every", 0), "0 is not a whole number"),
        (altered("policy/every", 1.5), "1.5 is not a whole number"),
        (altered("policy/steps", 10**15), "7 values in the place of 10000000"),
        (altered("policy/steps", True), "True is not a whole number"),
        (altered("policy/samples", 0), "0 is not a whole number from 1"),
        (altered("policy/samples", 10**30), "is not a whole number from 1 to 2"),
        (altered("config/net", "\ud800"), "surrogates"),
        (altered("data/name", "\ud800"), "surrogates"),
        (altered("policy/layers/1/layer", "\ud800"), "surrogates"),
        (altered("policy/layers/1/channels/0/side", "\ud800"), "surrogates"),
        (altered("policy/layers", []), "layers without a name"),
        (altered("policy/layers/1/layer", "pointwise0"), "layers without a name"),
        (altered("policy/layers/1/ratio", [1]), "1 values in the place of 7"),
        (altered("policy/layers/1/ratio", ["x"] * 7), "could not convert"),
        (altered("policy/layers/1/ratio", [[]] * 7), "TypeError"),
        (altered("policy/layers/1/ratio", None), "TypeError"),
        (altered("policy/layers/1/ratio", [1e39] * 7), "no float32"),
        (altered("policy/layers/1/channels", [3]), "TypeError"),
        (altered("policy/layers/1/channels/0/updated", [[]]), "not a table of 4 rows"),
        (altered("policy/layers/1/channels/0/updated", [[1], [1, 2]]), "ValueError"),
        (altered("policy/layers/1/channels/0/updated", [[3]] * 4), "in more steps than there"),
        (altered("policy/layers/1/channels/0/width", 0), "0 is not a whole number"),
        (altered("policy/skipped", [0] * 6), "6 values in the place of 7"),
        (altered("policy/dense_peak_bytes", 0), "ZeroDivisionError"),
        (altered("policy/backward_effort", "x"), "ValueError"),
        (altered("config", None), "TypeError"),
        (altered("config/epochs", 0), "0 is not a whole number"),
        (altered("loss", "x" * 7), "could not convert"),
        (altered("loss", [10**400] * 7), "OverflowError"),
        (altered("accuracy", {"a": 1}), "TypeError"),
    ],
)
def test_what_is_refused(file, document, wanted):
    path = file(document)
    with pytest.raises(FileError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert wanted in str(caught.value)


def test_what_is_not_there(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(FileError, match=r"\.json: cannot be read: No such file"):
            read(path)


PLACES = [f"policy/{key}" for key in results()["policy"] if key not in ("choosing_peak_bytes",)] + [
    "policy/layers/0",
    "policy/layers/0/channels/0",
    "config",
    "data",
    "steps",
    "loss",
]


@given(
    st.sampled_from(PLACES),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "layer", "ratio", "width"]), inner, max_size=3)
        ),
        max_leaves=4,
    ),
)
def test_odd_values_never_give_another_error(tmp_path_factory, place, value):
    path = tmp_path_factory.mktemp("odd") / "results.json"
    path.write_text(json.dumps(altered(place, value)))
    told = str(path)
    try:
        read(path)
    except FileError as error:
        told = str(error)
    assert str(path) in told
