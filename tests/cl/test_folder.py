"""The folder of a session: cut off in its first write, used twice at a time, resumed by halves."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.cl.test_session import TABLE, experiment, results
from tinycl.cl.session import begin, checkpoint, resume
from tinycl.cl.session import run as runs
from tinycl.errors import FileError, TinyclError
from tinycl.files import claimed


class KilledError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("module", [checkpoint, runs])
def test_a_session_killed_in_its_first_write_goes_on(tmp_path, monkeypatch, module):
    """Killed before either file, it begins again or goes on; one of both is always right."""

    def killed(*_):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(module, "write", killed)
        with pytest.raises(KilledError):
            begin(experiment(), tmp_path)
    there = (tmp_path / "phase.h5").exists()
    run = resume({}, tmp_path) if there else begin(experiment(), tmp_path)
    run.go_on(stop_after=1)
    assert results(tmp_path)["phase"] == 0


def test_lost_results_are_written_again(tmp_path):
    short = {"scenario": {"kind": "new_classes", "tasks": 1, "classes": 2}}
    begin(experiment(checkpoint=0, **short), tmp_path).go_on()
    before = results(tmp_path)
    (tmp_path / "results.json").unlink()
    resume({}, tmp_path).go_on()
    assert results(tmp_path) == before


def runs_done(run):
    """Return the runs of bodies in all phases up to where a session stands."""
    state = run.state
    before = (run.session.phase(replace(state, phase=p)).runs for p in range(state.phase))
    return sum(before) + state.place


@pytest.mark.parametrize("every", [0, 1, 7])
@pytest.mark.parametrize("count", [1, 20, 30, 50])
def test_it_stops_after_as_many_runs_as_told(tmp_path, every, count):
    """Ends of phases lie between: the first has 27 runs."""
    run = begin(experiment(checkpoint=every), tmp_path)
    run.go_on(stop_after=count)
    assert runs_done(run) == count
    run.go_on(stop_after=3)
    assert runs_done(run) == count + 3


HOLDER = """
import sys
from pathlib import Path
from tinycl.files import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_has_one_process_at_a_time(tmp_path):
    run = begin(experiment(), tmp_path)
    part = tmp_path / ".phase.h5.1.part"
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        part.write_bytes(b"of the other process")
        with pytest.raises(FileError, match="another process"):
            run.go_on(stop_after=1)
        with pytest.raises(FileError, match="another process"):
            resume({}, tmp_path).go_on(stop_after=1)
        with pytest.raises(TinyclError, match="holds a session already"):
            begin(experiment(), tmp_path)
        assert part.exists()
        other.stdin.close()
        other.wait()
    resume({}, tmp_path).go_on(stop_after=1)
    assert not part.exists()


def test_a_claim_ends_with_its_block(tmp_path):
    for _ in range(2):
        with claimed(tmp_path / "deep" / "run"):
            pass


@pytest.mark.parametrize(
    "given",
    [
        {"replay": {"bits": 7}},
        {"strategy": {"epochs": 1}, "scenario": {"tasks": 3}, "stage": {}, "first": {"epochs": 3}},
        {"data": {"name": "digits"}},
        {"data": "digits", "policy": "dense"},
        {"scenario": "new_classes"},
    ],
)
def test_part_of_a_table_is_said_again(tmp_path, given):
    """What a table leaves out is as it was."""
    begin(experiment(), tmp_path).go_on(stop_after=1)
    assert resume(given, tmp_path).session.experiment == experiment()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"replay": {"bits": 8}}, "bits"),
        ({"policy": "tinyprop"}, "policy is"),
        ({"policy": {"layers": {"linear8": "fixed"}}}, "policy is"),
        ({"scenario": {"kind": "nicv2", "first": 2, "sessions": 3}}, "scenario is"),
        ({"data": {"seed": 8}}, "data is"),
        ({"replay": 5}, "must be a table"),
    ],
)
def test_another_table_is_not_resumed(tmp_path, given, told):
    begin(experiment(), tmp_path).go_on(stop_after=1)
    with pytest.raises(TinyclError, match=told):
        resume(given, tmp_path)


def test_a_whole_table_leaves_out_what_has_its_default(tmp_path):
    """A key that is gone from a file is not as it was."""
    begin(experiment(replay={"slots": 40, "bits": 7, "rule": "reservoir"}), tmp_path)
    with pytest.raises(TinyclError, match="replay is .*'random'"):
        resume({"replay": {"slots": 40, "bits": 7}}, tmp_path, whole=True)
    assert resume({"seed": 1}, tmp_path, whole=True).session.experiment.replay.rule == "reservoir"


def test_a_replay_is_not_added(tmp_path):
    table = {k: v for k, v in TABLE.items() if k != "replay"}
    begin(experiment(**{"replay": None}), tmp_path).go_on(stop_after=1)
    assert "replay" not in json.loads((tmp_path / "results.json").read_text())["experiment"]
    assert resume(table, tmp_path).session.experiment.replay is None
    with pytest.raises(TinyclError, match="replay is"):
        resume(TABLE, tmp_path)


def test_a_name_that_is_too_long_is_told(tmp_path):
    long = tmp_path / ("a" * 300)
    with pytest.raises(FileError, match="name too long"):
        begin(experiment(), long)
    with pytest.raises(FileError, match="no checkpoint"):
        resume({}, long)
