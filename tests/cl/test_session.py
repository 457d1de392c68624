"""Sessions: cut off anywhere and gone on with, killed at any moment, wrongly asked for."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import h5py
import pytest

from tinycl.cl.session import Experiment, begin, resume
from tinycl.errors import FileError, TinyclError

TABLE = {
    "net": "conv:4-6",
    "data": {"name": "digits"},
    "scenario": {"kind": "new_classes", "tasks": 3, "classes": 2},
    "first": {"epochs": 3, "minibatch": 32},
    "stage": {"below": "pointwise4"},
    "strategy": {"kind": "fine_tuning", "epochs": 1, "minibatch": 64, "lr": 0.01},
    "replay": {"slots": 40, "bits": 7},
}


def experiment(**changes):
    return Experiment.from_table(TABLE | changes)


def results(folder):
    return json.loads((folder / "results.json").read_text())


def finished(folder, **changes):
    run = begin(experiment(**changes), folder)
    run.go_on()
    return results(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("whole"))


def test_a_session_learns_each_batch(whole):
    assert whole["finished"]
    assert len(whole["accuracy"]["correct"]) == 3
    assert whole["accuracy"]["correct"][0][0] > 0.9 * whole["accuracy"]["of"][0]
    assert whole["costs"]["replay_bytes"] == 40 * (4 * 64 * 7 // 8)
    assert whole["costs"]["backward_macs"] == whole["costs"]["dense_backward_macs"] > 0


@pytest.mark.parametrize("every", [1, 5, 0])
def test_stops_and_checkpoints_change_no_bit(whole, tmp_path, every):
    """Stopped after every few runs, the session ends with the same results."""
    run = begin(experiment(checkpoint=every), tmp_path)
    while not run.is_finished:
        run.go_on(stop_after=7)
        run = resume({}, tmp_path)
    ours = results(tmp_path)
    assert ours["experiment"].pop("checkpoint") == every
    rest = {k: v for k, v in whole["experiment"].items() if k != "checkpoint"}
    assert ours == whole | {"experiment": rest}


@pytest.mark.parametrize("target", ["host"])
def test_another_target_ends_with_the_same_bits(whole, tmp_path, target):
    ours = finished(tmp_path, target=target, cores=3, checkpoint=0)
    assert ours["tensors"] == whole["tensors"]
    assert ours["accuracy"] == whole["accuracy"]


def test_a_finished_session_may_be_resumed(whole, tmp_path):
    finished(tmp_path)
    before = results(tmp_path)
    run = resume({}, tmp_path)
    run.go_on()
    assert run.is_finished
    assert results(tmp_path) == before


CHILD = """
import sys, json
from pathlib import Path
from tinycl.cl.session import Experiment, begin, resume
folder, table = Path(sys.argv[1]), json.loads(sys.argv[2])
there = (folder / "phase.h5").exists()
run = resume({}, folder) if there else begin(Experiment.from_table(table), folder)
print("ready", run.state.phase, run.state.place, flush=True)
run.go_on(watch=lambda state: print("done", state.phase, state.place, flush=True))
print("finished", flush=True)
"""


def start(folder):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", CHILD, str(folder), json.dumps(TABLE)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def check_whole(folder, phase, place):
    """What lies in the folder after a kill: results that parse, a checkpoint at most a run old."""
    if (folder / "results.json").exists():
        assert results(folder)["format"] == 1
    if (folder / "phase.h5").exists():
        state = resume({}, folder).state
        assert (state.phase, state.place) >= (phase, place)


def killed_at_random(folder, kills, seed):
    """Kill a session at random moments until it has run `kills` times; return the results."""
    chance = random.Random(seed)
    for _ in range(kills):
        with start(folder) as child:
            last = told(child.stdout.readline())
            stop = time.monotonic() + chance.uniform(0, 0.4)
            while time.monotonic() < stop and child.poll() is None:
                last = max(last, told(child.stdout.readline()))
            child.send_signal(signal.SIGKILL)
            last = max([last, *map(told, child.stdout.read().splitlines())])
        check_whole(folder, *last)
    with start(folder) as child:
        child.stdout.read()
    assert child.returncode == 0
    return results(folder)


def told(line):
    """Return the phase and the place that a line of the child tells; nothing of other lines."""
    words = line.split()
    return tuple(map(int, words[1:])) if len(words) == 3 else (0, 0)


def test_killed_sessions_go_on(whole, tmp_path):
    assert killed_at_random(tmp_path, 4, seed=1) == whole


@pytest.mark.slow
def test_killed_at_fifty_moments(whole, tmp_path):
    kills = 0
    for seed in range(10):
        folder = tmp_path / str(seed)
        assert killed_at_random(folder, 5, seed) == whole
        kills += 5
    assert kills == 50


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 7}, "seed is 7"),
        ({"replay": {"slots": 41, "bits": 7}}, "replay is"),
        ({"net": "conv:4-8"}, "net is"),
    ],
)
def test_another_experiment_is_not_resumed(tmp_path, changes, told):
    begin(experiment(), tmp_path).go_on(stop_after=2)
    with pytest.raises(TinyclError, match=told):
        resume(changes, tmp_path)


def test_a_folder_holds_one_session(tmp_path):
    begin(experiment(), tmp_path)
    with pytest.raises(TinyclError, match="holds a session already"):
        begin(experiment(), tmp_path)
    with pytest.raises(FileError, match="no checkpoint"):
        resume({}, tmp_path / "elsewhere")


@pytest.mark.parametrize("name", ["phase.h5", "step.h5"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_checkpoint_that_is_cut_short_is_refused(tmp_path, name, kept):
    begin(experiment(), tmp_path).go_on(stop_after=3)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(kept * len(data))])
    with pytest.raises(FileError, match=name):
        resume({}, tmp_path)


@pytest.mark.parametrize("name", ["phase.h5", "step.h5"])
def test_an_altered_tensor_is_refused(tmp_path, name):
    begin(experiment(), tmp_path).go_on(stop_after=3)
    with h5py.File(tmp_path / name, "r+") as file:
        weight = next(v for k, v in file["tensors"].items() if k.endswith("weight"))
        weight[...] = weight[...] + 1
    with pytest.raises(FileError, match="altered"):
        resume({}, tmp_path)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"stage": {"below": "pointwise9"}}, "no layer 'pointwise9'"),
        ({"stage": {"numbers": "int4"}}, "stage.numbers"),
        ({"strategy": {"kind": "ewc"}}, "must be one of"),
        ({"strategy": {"kind": "ar1_star"}}, "bias=False"),
        ({"strategy": {"kind": "cumulative"}}, "takes no replay"),
        ({"strategy": {"policy": "topk"}}, r"\[policy\]"),
        ({"strategy": {"epochs": 0}}, "1..255"),
        ({"replay": {"bits": 3}}, "4 to 8"),
        ({"replay": {"slot": 3}}, "did you mean 'slots'"),
        ({"scenario": {"kind": "new_classes", "tasks": 30, "classes": 2}}, "tasks"),
        ({"scenario": {"kind": "old_classes"}}, "no kind"),
        ({"first": {"minibatch": 5000}}, "first learning batch has"),
        ({"first": {"lr": -1.0}}, "lr"),
        ({"cores": 0}, "cores"),
        ({"target": "gpu"}, "target must be one of"),
        ({"nets": "digits"}, "did you mean 'net'"),
    ],
)
def test_wrong_experiments_are_told(tmp_path, changes, told):
    with pytest.raises(TinyclError, match=told):
        begin(experiment(**changes), tmp_path)
