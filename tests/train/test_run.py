"""Runs: where they are cut never changes a bit."""

import json

import numpy as np
import pytest

import tinycl
from tinycl import nn
from tinycl.bits import digest, equal
from tinycl.data import epoch_order, load
from tinycl.errors import FileError, TargetError, TinyclError
from tinycl.files import claimed
from tinycl.target import registry
from tinycl.train import Config, begin, checkpoint, resume
from tinycl.train import results as written
from tinycl.train.advance import Advance

SIZE, CLASSES = 5, 3
RNG = np.random.default_rng(6)
X, Y = RNG.standard_normal((31, SIZE)).astype(np.float32), RNG.integers(0, CLASSES, 31)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, train_x=X[:20], train_y=Y[:20], test_x=X[20:], test_y=Y[20:])
    return {
        "net": f"mlp:{SIZE}-4-{CLASSES}",
        "data": {"name": "features", "path": str(path)},
        "batch": 3,
        "epochs": 3,
        "target": "numpy",
        "seed": 8,
    }


def results(folder):
    return json.loads((folder / "results.json").read_text())


OPTIMISERS = [{}, {"optimiser": "adam"}, {"microbatches": 2, "optimiser": "adam"}]


@pytest.mark.parametrize("more", OPTIMISERS)
def test_cut_anywhere(table, tmp_path, more):
    """All at once, and stopped after each step and resumed, checkpoints at odd places."""
    table |= more
    whole = begin(Config.from_table(table), tmp_path / "whole")
    whole.train()
    assert whole.state.step == whole.steps == 3 * (20 // (3 * table.get("microbatches", 1)))
    begin(Config.from_table(table), tmp_path / "cut").train(1)
    for stop in range(2, whole.steps + 1):
        run = resume({"checkpoint": stop % 4}, tmp_path / "cut")
        assert run.state.step == stop - 1
        run.train(stop)
    one, other = results(tmp_path / "whole"), results(tmp_path / "cut")
    assert one.pop("config")["checkpoint"] != other.pop("config")["checkpoint"]
    assert one == other
    for group in ("tensors", "records"):
        ours, theirs = getattr(whole.state, group), getattr(run.state, group)
        assert ours.keys() == theirs.keys()
        assert all(equal(value, theirs[name]) for name, value in ours.items())


@pytest.mark.parametrize("more", OPTIMISERS)
def test_the_run_is_that_of_one_plan(table, tmp_path, more):
    """The same steps as one plan, put together here by hand."""
    table |= more
    config = Config.from_table(table)
    run = begin(config, tmp_path / "out")
    run.train()
    data = load("features", table["data"]["path"])
    net = nn.Sequential(nn.Linear(SIZE, 4), nn.ReLU(), nn.Linear(4, CLASSES))
    micro = table.get("microbatches", 1)
    optimiser = nn.Adam(0.001) if "optimiser" in table else nn.SGD(0.02, 0.9)
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), optimiser, (3, SIZE), micro)
    used = 20 // (3 * micro) * 3 * micro
    order = np.concatenate([epoch_order(20, epoch, 8)[:used] for epoch in range(3)])
    streams = training.stream(data.train_x[order], data.train_y[order], run.steps)
    padded = np.zeros((12, SIZE), np.float32)
    padded[:11] = data.test_x
    streams["evaluate.x"] = padded.reshape(4, 3, SIZE)
    result = tinycl.run(training.plan(run.steps, 4), training.values(8) | streams, checked=False)
    for name, value in result.outputs.items():
        assert equal(value, run.state.tensors[name]), name
    assert equal(result.records["train/loss"], run.state.records["train/loss"])
    answers = result.records["evaluate/evaluate.linear2.y"].reshape(12, -1)[:11].argmax(1)
    assert run.state.accuracy[-1] == (3, (answers == data.test_y).sum(), 11)
    told = results(tmp_path / "out")
    assert told["finished"] is True
    assert told["loss"] == [float(v) for v in result.records["train/loss"]]
    for name, found in (told["weights"] | told["states"]).items():
        assert found == digest(result.outputs[name])
    assert set(told["weights"]) == {
        f"linear{i}.{kind}" for i in (0, 2) for kind in ("weight", "bias")
    }


def test_chunks_change_nothing(table, tmp_path, monkeypatch):
    """Samples and scores that come in many small portions."""
    begin(Config.from_table(table), tmp_path / "whole").train()
    monkeypatch.setattr("tinycl.train.advance.MOST_BYTES", 1)
    begin(Config.from_table(table), tmp_path / "parts").train()
    assert results(tmp_path / "whole") == results(tmp_path / "parts")


def test_targets_may_change_in_mid_run(table, tmp_path):
    begin(Config.from_table(table), tmp_path / "one").train()
    begin(Config.from_table(table), tmp_path / "two").train(4)
    resume({"target": "host", "cores": 3}, tmp_path / "two").train(11)
    resume({"target": "numba", "cores": 2}, tmp_path / "two").train()
    one, two = results(tmp_path / "one"), results(tmp_path / "two")
    assert (one.pop("config"), one) != (two.pop("config"), two)
    assert one == two


def test_seeds_and_contracts_count(table, tmp_path):
    told = []
    for place, more in enumerate(({}, {"seed": 9}, {"contract": "reduction=lanes(2,left)"})):
        begin(Config.from_table(table | more), tmp_path / str(place)).train()
        told.append(results(tmp_path / str(place)))
    assert len({str(t["weights"]) for t in told}) == 3
    assert len({t["data"]["digest"] for t in told}) == 1


def test_a_target_that_fails_loses_nothing(table, tmp_path, monkeypatch):
    begin(Config.from_table(table), tmp_path / "whole").train()
    run = begin(Config.from_table(table), tmp_path / "cut")
    honest, calls = registry.run, []

    def fail(*args, **keywords):
        calls.append(1)
        if len(calls) == 4:
            raise TargetError("the runner was ended by SIGKILL")
        return honest(*args, **keywords)

    with monkeypatch.context() as patch:
        patch.setattr(registry, "run", fail)
        with pytest.raises(TargetError, match="SIGKILL"):
            run.train()
    stored = checkpoint.read(tmp_path / "cut" / "checkpoint.h5").state
    assert stored.step == run.state.step > 0
    resume({}, tmp_path / "cut").train()
    assert results(tmp_path / "cut") == results(tmp_path / "whole")


def test_a_loss_that_is_no_number(table, tmp_path):
    run = begin(Config.from_table(table | {"lr": 1e30, "epochs": 1}), tmp_path / "out")
    run.train()
    told = results(tmp_path / "out")
    assert {type(v) for v in told["loss"]} == {float, str}
    again = np.array([float(v) for v in told["loss"]], np.float32)
    assert equal(again, run.state.records["train/loss"])


def test_no_step_at_all_can_be_resumed(table, tmp_path):
    begin(Config.from_table(table), tmp_path / "out").train(0)
    assert results(tmp_path / "out")["step"] == 0
    run = resume({}, tmp_path / "out")
    run.train()
    assert run.state.step == run.steps


def test_resuming_a_finished_run_completes_its_results(table, tmp_path, monkeypatch):
    """Cut after its last step, between checkpoint and results, or while these are made."""
    folder, table["policy"] = tmp_path / "out", "tinyprop"
    whole = begin(Config.from_table(table), tmp_path / "whole")
    whole.train()
    assert results(tmp_path / "whole")["policy"]

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(written, "report", interrupt)
        with pytest.raises(KeyboardInterrupt):
            begin(Config.from_table(table), folder).train()
    assert results(folder)["policy"] is None
    resume({}, folder).train()
    assert results(folder) == results(tmp_path / "whole")
    (folder / "results.json").unlink()
    resume({}, folder).train(2)  # behind where it is
    assert results(folder) == results(tmp_path / "whole")


def test_a_folder_with_a_run_is_left_alone(table, tmp_path):
    folder = tmp_path / "out"
    begin(Config.from_table(table), folder).train(3)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert before.keys() == {"checkpoint.h5", "results.json"}
    with pytest.raises(TinyclError, match="holds a run already; go on with --resume"):
        begin(Config.from_table(table), folder)
    for more, told in (
        ({"lr": 1.0}, "resume: lr is 0.02"),
        ({"batch": 4}, "resume: batch is 3"),
        ({"epochs": 1, "nonsense": 1}, "unknown key"),
    ):
        with pytest.raises(TinyclError, match=told):
            resume(more, folder)
    np.savez(tmp_path / "other.npz", train_x=X[:20] + 1, train_y=Y[:20], test_x=X, test_y=Y)
    with pytest.raises(TinyclError, match="is not the one of"):
        resume({"data": {"path": str(tmp_path / "other.npz")}}, folder)
    assert before == {p.name: p.read_bytes() for p in folder.iterdir()}


def test_epochs_may_become_more_but_not_less_than_done(table, tmp_path):
    folder = tmp_path / "out"
    begin(Config.from_table(table), folder).train()
    with pytest.raises(TinyclError, match="Ask for more epochs"):
        resume({"epochs": 2}, folder)
    resume({"epochs": 4}, folder).train()
    begin(Config.from_table(table | {"epochs": 4}), tmp_path / "whole").train()
    assert results(folder) == results(tmp_path / "whole")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"batch": 21}, "batch x microbatches is 21; data has 20 samples"),
        ({"batch": 11, "microbatches": 2}, "is 22; data has 20"),
        ({"net": "mlp:4-3"}, "the data have 5 and 3"),
        ({"net": "conv:2-3"}, r"the data have \(5,\)"),
        (
            {"policy": {"layers": {"linear1": "dense"}}},
            "linear1.*there are linear0, linear2",
        ),
        ({"data": "mnist"}, "mnist needs a path"),
        ({"data": {"name": "features", "path": "nowhere.npz"}}, "no such file"),
        ({"data": {"name": "features", "path": "x", "depth": 1}}, "takes no option 'depth'"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(table, tmp_path, more, told):
    with pytest.raises(TinyclError, match=told):
        begin(Config.from_table(table | more), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_of_another_net(table, tmp_path):
    folder = tmp_path / "out"
    run = begin(Config.from_table(table), folder)
    run.train(2)
    tensors = dict(run.state.tensors)
    del tensors["linear0.bias"]
    stored = checkpoint.read(folder / "checkpoint.h5")
    checkpoint.write(folder / "checkpoint.h5", stored._replace(state=checkpoint.State(2, tensors)))
    with pytest.raises(FileError, match="holds other tensors"):
        resume({}, folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be made"):
        begin(Config.from_table(table), tmp_path / "file" / "out")


def test_the_chunk_grows_and_shrinks(table, tmp_path, monkeypatch):
    run = begin(Config.from_table(table | {"batch": 1}), tmp_path / "out")
    advance = Advance(run.config, run.data, run.training, run.steps_per_epoch)
    clock = iter(np.array([0, 0.1, 10, 10.1, 20, 20.1, 30, 33, 40, 41]))
    monkeypatch.setattr("tinycl.train.advance.time.monotonic", lambda: next(clock))
    state, done = run.state, []
    for _ in range(5):
        before = state.step
        state = advance.steps(state, 20)
        done.append(state.step - before)
    assert done == [1, 2, 4, 8, 4]


def test_a_folder_has_one_run_at_work_at_a_time(table, tmp_path):
    run = begin(Config.from_table(table), tmp_path / "run")
    run.train(stop_after=1)
    with claimed(tmp_path / "run"):
        with pytest.raises(FileError, match="another process is at work"):
            run.train()
        with pytest.raises(FileError, match="another process is at work"):
            resume({}, tmp_path / "run")
    resume({}, tmp_path / "run").train()
