"""Checkpoints and results: whole or not at all, and nothing altered is believed."""

import os

import h5py
import numpy as np
import pytest

from tinycl.bits import equal
from tinycl.errors import FileError
from tinycl.files import clear_parts, write_whole
from tinycl.train import Accuracy, Checkpoint, State
from tinycl.train.checkpoint import read, write

HARD = np.array([np.nan, -0.0, np.inf, 1e-45], np.float32)
STATE = State(
    7,
    {"a.weight": HARD.reshape(2, 2), "a.y_max": np.array([3], np.int32), "s": np.float32([2])},
    {"train/loss": HARD, "train/linear0.count": np.arange(6, dtype=np.int32).reshape(3, 2)},
    (Accuracy(1, 3, 9), Accuracy(2, 4, 9)),
)


def test_round_trip(tmp_path):
    path = tmp_path / "checkpoint.h5"
    write(path, Checkpoint(STATE, {"net": "x", "data": {"größe": 1}}, "abc"))
    state, config, data = read(path)
    assert (state.step, state.accuracy) == (7, STATE.accuracy)
    assert (config, data) == ({"net": "x", "data": {"größe": 1}}, "abc")
    for ours, theirs in ((STATE.tensors, state.tensors), (STATE.records, state.records)):
        assert ours.keys() == theirs.keys()
        assert all(equal(value, theirs[name]) for name, value in ours.items())
    write(path, Checkpoint(State(0, {}), {}, ""))
    assert read(path).state == State(0, {})


def test_cut_short_or_damaged_anywhere(tmp_path):
    path = tmp_path / "checkpoint.h5"
    write(path, Checkpoint(STATE, {"net": "x"}, "abc"))
    data = path.read_bytes()
    for size in range(0, len(data), 61):
        path.write_bytes(data[:size])
        with pytest.raises(FileError, match="checkpoint.h5"):
            read(path)
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        try:
            checkpoint = read(path)
        except FileError:
            continue
        assert checkpoint.state.step == 7
        assert equal(checkpoint.state.tensors["a.weight"], HARD.reshape(2, 2))
        assert equal(checkpoint.state.records["train/loss"], HARD)


def test_altered_or_of_another_format(tmp_path):
    path = tmp_path / "checkpoint.h5"
    write(path, Checkpoint(STATE, {}, ""))
    with h5py.File(path, "r+") as file:
        file["tensors/s"][0] = 3
    with pytest.raises(FileError, match="it was altered"):
        read(path)
    with h5py.File(path, "r+") as file:
        file.attrs["format"] = 2
    with pytest.raises(FileError, match="its format is 2; this tinycl reads 1"):
        read(path)
    with pytest.raises(FileError, match="leave --resume out"):
        read(tmp_path / "nowhere")


def test_a_write_that_fails_keeps_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    write_whole(path, b"old")

    def fail(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(FileError, match="No space left on device; what was there before is"):
            write_whole(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]
    assert path.read_bytes() == b"old"
    (tmp_path / ".results.json.1.part").write_bytes(b"half")
    clear_parts(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]
    with pytest.raises(FileError, match="cannot be written"):
        write_whole(tmp_path / "no" / "x", b"")
