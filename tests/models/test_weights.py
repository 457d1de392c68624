"""Weights to and from files, and to and from a PyTorch state_dict."""

import re

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import tinycl
from tinycl import models, nn
from tinycl.bits import equal
from tinycl.errors import FileError, ShapeError
from tinycl.models import from_state_dict, read_weights, to_state_dict, write_weights
from tinycl.models.state_dict import parameters
from tinycl.models.table import forward_plan

SAMPLE = (3, 12, 12)
SUFFIXES = ("npz", "h5", "hdf5")
TENSORS = arrays(np.uint32, array_shapes(max_dims=4, max_side=3)).map(lambda x: x.view(np.float32))


def net():
    """One layer of each kind, in an order that is not that of the alphabet."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Residual(
            nn.Pointwise(4, 6), nn.HardSwish(), nn.Depthwise(6, 3, padding=1), nn.Pointwise(6, 4)
        ),
        nn.GlobalAvgPool2d(),
        nn.Flatten(),
        nn.Linear(4, 5),
        nn.Sigmoid(),
    )


def drawn(layer, sample):
    training = nn.Training(layer, nn.MeanSquaredError(), nn.SGD(0.1), (1, *sample))
    weights = {entry.name for entry in parameters(layer, sample)}
    return {name: value for name, value in training.values(3).items() if name in weights}


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(st.dictionaries(st.sampled_from(["b.weight", "a.bias", "c", "größe"]), TENSORS, max_size=4))
def test_round_trip(tmp_path_factory, suffix, weights):
    """Every bit pattern comes back, in the order of writing, and twice the same bytes."""
    folder = tmp_path_factory.mktemp("weights")
    path, again = folder / f"a.{suffix}", folder / f"b.{suffix}"
    write_weights(path, weights)
    write_weights(again, weights)
    assert path.read_bytes() == again.read_bytes()
    found = read_weights(path)
    assert list(found) == list(weights)
    for name, value in weights.items():
        assert found[name].tobytes() == value.tobytes()
        assert (found[name].shape, found[name].dtype) == (value.shape, value.dtype)


def test_groups_of_hdf5_are_names(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["linear1/weight"] = np.ones((2, 3), np.float32)
        file["linear1/bias"] = np.zeros(2, np.float32)
    assert set(read_weights(tmp_path / "a.h5")) == {"linear1.weight", "linear1.bias"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_run_starts_with_them(tmp_path, suffix):
    from tinycl.train import Config, begin

    layer, sample = models.mlp((64, 5, 10)), (64,)
    weights = {f"linear{i + 1}.{k}": v for i, k, v in _numbered(drawn(layer, sample))}
    path = tmp_path / f"a.{suffix}"
    if suffix == "hdf5":
        path = tmp_path / "a.h5"
    write_weights(path, weights)
    table = {"net": "mlp:64-5-10", "target": "numpy", "start": str(path)}
    run = begin(Config.from_table(table), tmp_path / "run")
    for name, value in weights.items():
        assert equal(run.state.tensors[name], value)


def _numbered(weights):
    for name, value in weights.items():
        layer, _, kind = name.partition(".")
        yield int(layer.removeprefix("linear")), kind, value


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_files(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    write_weights(path, {"w": np.arange(64, dtype=np.float32)})
    data = path.read_bytes()
    for size in range(0, len(data), max(1, len(data) // 60)):
        path.write_bytes(data[:size])
        with pytest.raises(FileError, match=re.escape(str(path))):
            read_weights(path)
    path.unlink()
    with pytest.raises(FileError, match="no such file"):
        read_weights(path)


@pytest.mark.parametrize(
    ("name", "weights", "error", "told"),
    [
        ("a.pt", {}, FileError, "end in .npz, .h5, .hdf5"),
        ("a.npz", {"w": np.zeros(2)}, ShapeError, "w is float64; weights are float32"),
        ("a.h5", {"w": np.array(["x"])}, ShapeError, "weights are float32"),
        ("a.h5", {"a/b": np.zeros(1, np.float32)}, ShapeError, "cannot be the name"),
        ("a.npz", {"file": np.zeros(1, np.float32)}, ShapeError, "cannot be the name"),
        ("a.h5", {"": np.zeros(1, np.float32)}, ShapeError, "cannot be the name"),
        ("none/a.npz", {}, FileError, "cannot be written"),
    ],
)
def test_what_cannot_be_written(tmp_path, name, weights, error, told):
    with pytest.raises(error, match=re.escape(told)):
        write_weights(tmp_path / name, weights)
    assert not list(tmp_path.iterdir())


def test_objects_are_not_read(tmp_path):
    np.savez(tmp_path / "a.npz", w=np.array([{}], object))
    with pytest.raises(FileError, match="allow_pickle=False"):
        read_weights(tmp_path / "a.npz")
    with (tmp_path / "b.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(FileError, match="one array without a name"):
        read_weights(tmp_path / "b.npz")


def test_a_torch_net_comes_over(tmp_path):
    """Through a .npz; the outputs are those of torch, to its rounding; and back."""
    torch = pytest.importorskip("torch")
    from tinycl.bench.twin import twin

    torch.manual_seed(5)
    layer = net()
    theirs = twin(layer)
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    np.savez(tmp_path / "torch.npz", **state)
    weights = from_state_dict(layer, SAMPLE, read_weights(tmp_path / "torch.npz"))
    plan = forward_plan(layer, SAMPLE)
    x = np.random.default_rng(1).standard_normal((1, *SAMPLE), np.float32)
    outputs = tinycl.run(plan, weights | {"x": x[None]}).records
    with torch.no_grad():
        wanted = theirs(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(outputs["forward/sigmoid6.y"][0], wanted, rtol=0, atol=1e-5)
    back = to_state_dict(layer, SAMPLE, weights, list(theirs.state_dict()))
    assert list(back) == list(state)
    for key, value in state.items():
        assert equal(back[key], value)
    theirs.load_state_dict({key: torch.from_numpy(value) for key, value in back.items()})


def torch_like(**changes):
    """A state_dict as torch would list it, made here."""
    made = to_state_dict(net(), SAMPLE, drawn(net(), SAMPLE))
    return {f"layers.{i}": value for i, value in enumerate(made.values())} | changes


def test_layouts_and_names():
    weights = drawn(net(), SAMPLE)
    state = to_state_dict(net(), SAMPLE, weights)
    assert [v.shape for v in state.values()][::2] == [
        (4, 3, 3, 3),
        (6, 4, 1, 1),
        (6, 1, 3, 3),
        (4, 6, 1, 1),
        (5, 4),
    ]
    names = {name: f"theirs.{name}" for name in weights}
    backwards = {f"theirs.{name}": state[name] for name in reversed(state)} | {"more": np.ones(3)}
    for found in (
        from_state_dict(net(), SAMPLE, state),
        from_state_dict(net(), SAMPLE, torch_like()),
        from_state_dict(net(), SAMPLE, backwards, names),
        from_state_dict(net(), SAMPLE, {"bn.num_batches_tracked": np.array(3)} | state),
        from_state_dict(net(), SAMPLE, {k: v.astype(np.float64) for k, v in state.items()}),
    ):
        assert list(found) == list(weights)
        for name, value in weights.items():
            assert equal(found[name], value)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            lambda: torch_like(**{"layers.4": np.zeros((6, 2, 3, 3), np.float32)}),
            "'layers.4' is float32 (6, 2, 3, 3); parameter 4, residual2.depthwise2.weight, takes "
            "float (6, 1, 3, 3)",
        ),
        (lambda: torch_like(**{"layers.1": np.zeros(4, np.int32)}), "'layers.1' is int32 (4,)"),
        (lambda: torch_like(more=np.zeros(3)), "'more' is left over: the net has 10 parameters"),
        (dict, "there is no entry 0; parameter 0, conv2d0.weight, takes one of (4, 3, 3, 3)"),
        (
            lambda: dict(list(torch_like().items())[:-1]),
            "there is no entry 9; parameter 9, linear5.bias",
        ),
    ],
)
def test_what_does_not_fit_is_named(state, told):
    with pytest.raises(ShapeError, match=re.escape(told)):
        from_state_dict(net(), SAMPLE, state())


def test_names_that_do_not_fit():
    weights = drawn(net(), SAMPLE)
    with pytest.raises(ShapeError, match="no entry for the parameter 'conv2d0.weight'"):
        from_state_dict(net(), SAMPLE, torch_like(), {})
    with pytest.raises(ShapeError, match="there is no 'x'; parameter 0"):
        from_state_dict(net(), SAMPLE, torch_like(), dict.fromkeys(weights, "x"))
    with pytest.raises(ShapeError, match="1 names for 10 parameters"):
        to_state_dict(net(), SAMPLE, weights, ["a"])
    with pytest.raises(ShapeError, match=r"conv2d0.weight is missing; it needs \(4, 3, 3, 3\)"):
        to_state_dict(net(), SAMPLE, {})
    with pytest.raises(ShapeError, match=r"conv2d0.weight is of shape \(1,\)"):
        to_state_dict(net(), SAMPLE, weights | {"conv2d0.weight": np.zeros(1, np.float32)})


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_a_flipped_bit_is_noticed(tmp_path, suffix):
    """In the middle of the values, wherever these are in the file."""
    path = tmp_path / f"w{suffix}"
    value = np.arange(1, 97, dtype=np.float32).reshape(4, 24)
    models.write_weights(path, {"a": value})
    data = bytearray(path.read_bytes())
    data[data.index(value.tobytes()) + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileError, match="cannot be read as"):
        models.read_weights(path)


def test_what_is_no_weight_is_told(tmp_path):
    for suffix in (".npz", ".h5"):
        with pytest.raises(ShapeError, match="a is list; weights are float32"):
            models.write_weights(tmp_path / f"w{suffix}", {"a": [1.0]})
        with pytest.raises(ShapeError, match="cannot be the name"):
            models.write_weights(tmp_path / f"w{suffix}", {"allow_pickle": np.zeros(1, np.float32)})
        with pytest.raises(FileError, match="no such file"):
            models.read_weights(tmp_path / ("a" * 300 + suffix))
        odd = {"scalar": np.array(3, np.float32), "none": np.zeros((0, 2), np.float32)}
        models.write_weights(tmp_path / f"w{suffix}", odd)
        found = models.read_weights(tmp_path / f"w{suffix}")
        assert all(equal(found[name], odd[name]) for name in odd)


def test_names_and_entries_that_are_none_are_told():
    net, sample = models.make_model("digits")
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, *sample))
    state = models.to_state_dict(net, sample, training.values(1))
    with pytest.raises(ShapeError, match="the name 'a' is given twice"):
        models.to_state_dict(net, sample, training.values(1), ["a"] * len(state))
    first = next(iter(state))
    with pytest.raises(ShapeError, match="is no array"):
        models.from_state_dict(net, sample, {**state, first: [[1.0], [2.0, 3.0]]})
