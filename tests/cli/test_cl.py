"""`tinycl cl`: run, resume, table, plot, and what is wrong with an experiment."""

import json

import numpy as np
import pytest

FILE = """
net = "conv:4-6"
checkpoint = 0
[scenario]
kind = "new_classes"
tasks = 2
classes = 2
[first]
epochs = 2
minibatch = 32
[stage]
below = "pointwise4"
[strategy]
kind = "fine_tuning"
epochs = 1
minibatch = 64
[replay]
slots = 20
bits = 8
"""


@pytest.fixture
def experiment(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(FILE)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a finished run, made without the command line."""
    import tomllib

    from tinycl.cl.session import Experiment, begin

    folder = tmp_path_factory.mktemp("finished") / "run"
    begin(Experiment.from_table(tomllib.loads(FILE)), folder).go_on()
    return folder


def test_a_run_stops_and_goes_on(tinycl, experiment, tmp_path, finished):
    out = str(tmp_path / "run")
    said = tinycl("cl", "run", str(experiment), "--out", out, "--stop-after", "12")
    assert said.code == 0
    assert "--resume" in said.out
    said = tinycl("cl", "run", "--resume", "--out", out, "--json")
    assert said.code == 0
    document = json.loads(said.out)
    assert document["finished"]
    wanted = json.loads((finished / "results.json").read_text())
    assert {k: document[k] for k in wanted} == wanted
    again = tinycl("cl", "run", str(experiment), "--out", out)
    assert again.code == 2
    assert "holds a session already" in again.err


def test_a_table_has_one_row_each(tinycl, finished):
    said = tinycl("cl", "table", str(finished), str(finished / "results.json"), "--json")
    assert said.code == 0
    rows = json.loads(said.out)
    assert [row["strategy"] for row in rows] == ["fine_tuning"] * 2
    assert rows[0]["batches_done"] == rows[0]["batches"] == 2
    assert rows[0]["effort"] == 1.0
    text = tinycl("cl", "table", str(finished))
    assert text.code == 0
    assert "20 x 8 bits" in text.out


def test_a_plot_is_drawn(tinycl, finished, tmp_path):
    pytest.importorskip("matplotlib")
    said = tinycl("cl", "plot", str(finished), "-o", str(tmp_path / "a.svg"))
    assert said.code == 0
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run",), "give the TOML file"),
        (("run", "missing.toml"), "cannot be read"),
        (("run", "--resume", "--out", "nowhere"), "no checkpoint"),
        (("table", "nowhere"), "cannot be read"),
        (("plot", "nowhere"), "cannot be read"),
        (("table", "a" * 300), "cannot be read"),
        (("run", "missing.toml", "--out", "a" * 300), "cannot be read"),
    ],
)
def test_wrong_usage_is_told(tinycl, arguments, told):
    said = tinycl("cl", *arguments)
    assert said.code == 2
    assert told in said.err


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("replay.bits=2", "4 to 8"),
        ("strategy.kind=ewc", "must be one of"),
        ("stage.below=conv9", "no layer 'conv9'"),
        ("strategy", "cannot read --set"),
        ("data.name=nothing", "nothing"),
    ],
)
def test_wrong_settings_are_told(tinycl, experiment, tmp_path, setting, told):
    said = tinycl("cl", "run", str(experiment), "--out", str(tmp_path / "run"), "--set", setting)
    assert said.code == 2
    assert told in said.err


def damaged(document):
    """Return texts of results that hold what they should not."""
    yield '{"format": 1}'
    yield "["
    yield "[" * 100_000
    yield '"\\ud800"'
    for key, part, value in (
        ("experiment", "strategy", {}),
        ("experiment", "seed", None),
        ("experiment", "replay", 5),
        ("accuracy", "accuracy", []),
        ("accuracy", "accuracy", ["x"]),
        ("accuracy", "forgetting", float("nan")),
        ("accuracy", "correct", [[10**30, 0], [0, 0]]),
        ("accuracy", "of", [0, 0]),
        ("accuracy", "before", [[1]]),
        ("costs", "replay_bytes", "many"),
        ("costs", "backward_macs", None),
    ):
        yield json.dumps(document | {key: document[key] | {part: value}})
    for key in ("experiment", "accuracy", "costs", "batches"):
        yield json.dumps(document | {key: 5})


def test_other_files_are_no_results(tinycl, finished, tmp_path):
    document = json.loads((finished / "results.json").read_text())
    for text in damaged(document):
        (tmp_path / "results.json").write_text(text)
        for action in ("table", "plot"):
            said = tinycl("cl", action, str(tmp_path))
            assert said.code == 2, text
            assert "not the results" in said.err


def test_names_are_printed_as_they_are(tinycl, finished, tmp_path, monkeypatch):
    """Square brackets are no markup, and a word between colons no picture."""
    monkeypatch.chdir(tmp_path)
    for name in ("[bold]a", "b[", "[slash", ":smile:"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text((finished / "results.json").read_text())
        said = tinycl("cl", "table", name)
        assert said.code == 0
        assert f" {name} " in said.out


def test_classes_have_any_name(tinycl, experiment, tmp_path):
    x = np.random.default_rng(1).random((80, 1, 8, 8), np.float32)
    y = np.arange(80) % 4
    np.savez(tmp_path / "some.npz", x=x, y=y, classes=["[/red]", "[b]", ":cat:", ""])
    settings = ["data.name=features", f"data.path={tmp_path / 'some.npz'}", "first.minibatch=8"]
    flags = [word for setting in settings for word in ("--set", setting)]
    said = tinycl("cl", "run", str(experiment), "--out", str(tmp_path / "run"), *flags)
    assert said.code == 0
    assert "[/red], [b]" in said.out
    assert ":cat:," in said.out


@pytest.mark.parametrize(("shape", "code"), [((80, 20), 2), ((80, 1, 20), 0)])
def test_features_are_images_of_one_row(tinycl, experiment, tmp_path, shape, code):
    x = np.random.default_rng(1).random(shape, np.float32)
    np.savez(tmp_path / "some.npz", x=x, y=np.arange(80) % 4)
    settings = ["data.name=features", f"data.path={tmp_path / 'some.npz'}", "first.minibatch=8"]
    settings += ["net=mlp:20-8-4", "stage.below="]
    flags = [word for setting in settings for word in ("--set", setting)]
    said = tinycl("cl", "run", str(experiment), "--out", str(tmp_path / "run"), *flags)
    assert said.code == code
    assert ("store features as (n, 1, f)" in said.err) == (code == 2)


def test_a_plot_tells_forward_transfer(finished):
    from tinycl.cl.session.results import accuracies, read

    made = read(finished)
    assert made["accuracy"]["forward_transfer"] is not None
    told = accuracies(finished, made)
    assert told.forward_transfer() == made["accuracy"]["forward_transfer"]
