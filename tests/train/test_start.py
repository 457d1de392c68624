"""Runs that begin with the weights of a file."""

import h5py
import numpy as np
import pytest

from tinycl.bits import equal
from tinycl.errors import FileError, TinyclError
from tinycl.train import Config, begin, checkpoint, resume

TABLE = {
    "net": "mlp:64-5-10",
    "batch": 480,
    "epochs": 2,
    "target": "numpy",
    "policy": "tinyprop",
}
NAMES = {f"linear{i}.{kind}" for i in (1, 3) for kind in ("weight", "bias")}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A finished run: its folder and its weights."""
    folder = tmp_path_factory.mktemp("before")
    run = begin(Config.from_table(TABLE | {"epochs": 1, "seed": 5}), folder)
    run.train()
    return folder / "checkpoint.h5", {n: run.state.tensors[n] for n in NAMES}


def run(folder, start, **more):
    return begin(Config.from_table(TABLE | {"start": start} | more), folder)


def write(path, arrays):
    if path.suffix == ".npz":
        np.savez(path, **arrays)
        return str(path)
    with h5py.File(path, "w") as file:
        for name, value in arrays.items():
            file[name] = value
    return str(path)


def same_run(one, other):
    assert one.state.step == other.state.step > 0
    for name, value in one.state.tensors.items():
        assert equal(value, other.state.tensors[name]), name


def test_weights_come_and_states_are_fresh(before, tmp_path):
    path, weights = before
    drawn = begin(Config.from_table(TABLE), tmp_path / "drawn")
    tuned = run(tmp_path / "tuned", str(path))
    assert tuned.state.step == 0
    for name, value in tuned.state.tensors.items():
        assert equal(value, weights.get(name, drawn.state.tensors[name])), name
    assert not equal(weights["linear1.weight"], drawn.state.tensors["linear1.weight"])
    old = checkpoint.read(path).state.tensors
    moved = [n for n in old if n not in NAMES and not equal(old[n], tuned.state.tensors[n])]
    assert "linear1.y_max" in moved
    tuned.train()
    start = tuned.document()["config"]["start"]
    assert start["path"] == str(path)
    assert len(start["digest"]) == 64


@pytest.mark.parametrize("norm", ["batch", "renorm"])
def test_moving_statistics_come_too(tmp_path, norm):
    """From a checkpoint and from a file of weights; one without them is refused."""
    table = {"net": f"separable:0.25,norm={norm}", "batch": 256, "epochs": 1, "target": "numba"}
    first = begin(Config.from_table(table), tmp_path / "first")
    first.train()
    last = {"batch": "moving_var", "renorm": "moving_std"}[norm]
    trained = {n: v for n, v in first.state.tensors.items() if not n.endswith(".velocity")}
    assert f"batch_norm1.{last}" in trained or f"batch_renorm1.{last}" in trained
    files = (str(tmp_path / "first" / "checkpoint.h5"), write(tmp_path / "a.npz", trained))
    for place, path in enumerate(files):
        table["start"] = path
        tuned = begin(Config.from_table(table), tmp_path / f"tuned{place}")
        for name, value in tuned.state.tensors.items():
            assert equal(value, trained.get(name, np.zeros_like(value))), name
    table["start"] = write(tmp_path / "b.npz", {n: v for n, v in trained.items() if last not in n})
    with pytest.raises(FileError, match=f"lacks batch_(re)?norm1.{last}"):
        begin(Config.from_table(table), tmp_path / "without")


@pytest.mark.parametrize("name", ["plain.npz", "flat.h5", "groups.h5"])
def test_files_of_parameters_are_as_good(before, tmp_path, name):
    path, weights = before
    if name.startswith("groups"):
        renamed = {n.replace(".", "/"): v for n, v in weights.items()}
    else:
        renamed = weights
    one = run(tmp_path / "one", str(path))
    other = run(tmp_path / "other", write(tmp_path / name, renamed))
    assert one.config.start.digest == other.config.start.digest
    one.train()
    other.train()
    same_run(one, other)


def test_resume(before, tmp_path):
    """Cut and resumed without the file, with it, and with a copy elsewhere: the same bits."""
    path, weights = before
    source = tmp_path / "start.h5"
    source.write_bytes(path.read_bytes())
    whole = run(tmp_path / "whole", str(source))
    whole.train()
    run(tmp_path / "cut", str(source)).train(1)
    resume({"start": str(source)}, tmp_path / "cut").train(2)
    copy = write(tmp_path / "copy.npz", weights)
    resume({"start": copy}, tmp_path / "cut").train(3)
    source.unlink()
    resume({"start": str(source)}, tmp_path / "cut").train(4)
    cut = resume({}, tmp_path / "cut")
    cut.train()
    same_run(whole, cut)
    assert cut.document() == whole.document() | {"config": cut.config.to_table()}


def test_resume_with_other_weights(before, tmp_path):
    path, weights = before
    run(tmp_path / "cut", str(path)).train(1)
    changed = dict(weights)
    changed["linear3.bias"] = -weights["linear3.bias"]
    other = write(tmp_path / "other.npz", changed)
    with pytest.raises(TinyclError, match="holds other weights than the run began with"):
        resume({"start": other}, tmp_path / "cut")
    begin(Config.from_table(TABLE), tmp_path / "drawn").train(1)
    with pytest.raises(TinyclError, match="resume: start is None in"):
        resume({"start": str(path)}, tmp_path / "drawn")
    digest = run(tmp_path / "again", str(path)).config.start.digest
    with pytest.raises(TinyclError, match="holds other weights"):
        run(tmp_path / "new", {"path": other, "digest": digest})


def test_files_that_do_not_fit(before, tmp_path):
    path, weights = before
    good = weights["linear3.bias"]

    def told(name, change, **more):
        start = write(
            tmp_path / name, {n: v for n, v in (weights | change).items() if v is not None}
        )
        with pytest.raises(FileError, match=name) as error:
            run(tmp_path / "out", start, **more)
        return str(error.value)

    for suffix in ("npz", "h5"):
        assert "lacks linear3.bias" in told(f"a.{suffix}", {"linear3.bias": None})
        assert "holds extra, which the net has not" in told(f"b.{suffix}", {"extra": good})
        assert "is float64 (10,); the net takes float32 (10,)" in told(
            f"c.{suffix}", {"linear3.bias": good.astype(np.float64)}
        )
        assert "is float32 (9,)" in told(f"d.{suffix}", {"linear3.bias": good[1:]})
        assert "lacks conv2d0.weight" in told(f"e.{suffix}", {}, net="digits")
        broken = tmp_path / f"broken.{suffix}"
        broken.write_bytes(b"PK nothing")
        with pytest.raises(FileError, match="cannot be read as"):
            run(tmp_path / "out", str(broken))
    objects = tmp_path / "objects.npz"
    np.savez(objects, **{n: np.array([None, {}]) for n in NAMES})
    with pytest.raises(FileError, match="cannot be read as npz"):
        run(tmp_path / "out", str(objects))
    altered = tmp_path / "altered.h5"
    altered.write_bytes(path.read_bytes())
    with h5py.File(altered, "r+") as file:
        file["tensors/linear3.bias"][0] = 7
    with pytest.raises(FileError, match="it was altered"):
        run(tmp_path / "out", str(altered))
    with pytest.raises(FileError, match="there is no such file to start from"):
        run(tmp_path / "out", str(tmp_path / "none.h5"))
    with pytest.raises(FileError, match=r"are in .npz or .h5"):
        run(tmp_path / "out", __file__)
    for wrong, what in ((3, "must be a table"), ({"path": 3}, "start.path"), ({}, "'path'")):
        with pytest.raises(TinyclError, match=what):
            Config.from_table({"start": wrong})
    assert not (tmp_path / "out").exists()
