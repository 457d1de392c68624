"""Configurations: what a file may say, and with what a run may go on."""

from dataclasses import dataclass

import pytest

from tinycl import nn
from tinycl.errors import FileError, TinyclError
from tinycl.train import POLICIES, Config, read_toml
from tinycl.train.config import resumed
from tinycl.train.nets import make_net

FULL = """
net = "mlp:64-8-10"
epochs = 3
batch = 4
microbatches = 2
optimiser = "adam"
lr = 1
weight_decay = 0.1
seed = 18446744073709551615
target = "host"
cores = 3
checkpoint = 5
contract = "selection_order=heap"

[data]
name = "images"
path = "here"
size = [3, 4]

[policy]
kind = "some"
share = 0.25

[policy.layers.linear3]
kind = "dense"
"""


@dataclass(frozen=True)
class Some:
    share: float
    places: tuple[int, ...] = (1, 2)
    k: int | None = None


@pytest.fixture
def some(monkeypatch):
    monkeypatch.setitem(POLICIES, "some", Some)


def test_a_file(tmp_path, some):
    path = tmp_path / "run.toml"
    path.write_text(FULL)
    config = Config.from_table(read_toml(path))
    assert (config.lr, config.momentum, config.seed) == (1.0, None, 2**64 - 1)
    assert config.data.options == {"size": [3, 4]}
    assert config.policy.net == Some(0.25)
    assert config.make_optimiser() == nn.Adam(1.0, weight_decay=0.1)
    table = config.to_table()
    assert table["policy"] == {
        "kind": "some",
        "share": 0.25,
        "places": [1, 2],
        "layers": {"linear3": {"kind": "dense"}},
    }
    assert Config.from_table(table) == config


def test_defaults():
    config = Config.from_table({})
    assert config == Config.from_table(config.to_table())
    assert config.make_optimiser() == nn.SGD(0.02, 0.9, 0.0)
    assert Config.from_table({"data": "digits", "policy": "dense"}) == config
    assert Config.from_table({"optimiser": "adam"}).lr == 0.001


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"epoch": 1}, "config: unknown key 'epoch', did you mean 'epochs'?"),
        ({"epochs": 0}, r"epochs must be 1\.\.2147483647, got 0"),
        ({"epochs": 1.5}, "config.epochs: must be a whole number"),
        ({"seed": -1}, "seed must be"),
        ({"seed": 2**64}, "seed must be"),
        ({"target": "gpu"}, "target must be one of numpy, numba, host, qemu, gvsoc, got 'gpu'"),
        ({"optimiser": "lion"}, "config.optimiser: must be one of sgd, adam"),
        ({"optimiser": "adam", "momentum": 0.5}, "adam takes no momentum; leave it out"),
        ({"lr": -1.0}, "lr must not be below 0"),
        ({"lr": 3.5e38}, "lr must be a number that binary32 holds, got 3.5e"),
        ({"lr": float("inf")}, "config.lr: must be a"),
        ({"contract": "mac=quick"}, "config: .*mac"),
        ({"contract": "quick"}, "cannot read 'quick'"),
        ({"data": 3}, "data: must be a table"),
        ({"data": {"name": 3}}, "data.name: must be a text, got 3"),
        ({"data": {"path": 3}}, "data.path: must be a text, got 3"),
        ({"policy": 3}, "policy: must be a table"),
        ({"policy": {"kind": "odd"}}, "policy.kind: no policy 'odd'; choose from dense"),
        ({"policy": {"kind": []}}, r"policy.kind: no policy \[\]"),
        ({"policy": {"k": 1}}, "policy: unknown key 'k'; keys here: none"),
        ({"policy": {"layers": 1}}, "policy.layers: must be a table"),
        ({"policy": {"layers": {"a": {"x": 1}}}}, "policy.layers.a: unknown key 'x'"),
        ({"policy": {"kind": "some"}}, "policy: the key 'share' is missing"),
    ],
)
def test_what_is_wrong_is_told(some, table, told):
    with pytest.raises(TinyclError, match=told):
        Config.from_table(table)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"epochs = ", "not TOML"),
        (b"\xff", "not TOML"),
        (b"a = " + b"[" * 5000, "not TOML"),
        (b"a = 1\na = 2", "not TOML"),
    ],
)
def test_files_that_are_not_toml(tmp_path, data, told):
    path = tmp_path / "run.toml"
    path.write_bytes(data)
    with pytest.raises(FileError, match=told):
        read_toml(path)
    with pytest.raises(FileError, match="cannot be read"):
        read_toml(tmp_path)
    with pytest.raises(FileError, match="cannot be read: No such file"):
        read_toml(tmp_path / "nowhere")


def test_going_on(some):
    table = {"epochs": 2, "lr": 0.5, "data": {"name": "images", "path": "a", "size": 3}}
    saved = Config.from_table(table).to_table()
    assert resumed(saved, {}, "here") == Config.from_table(table)
    more = {"epochs": 9, "target": "host", "cores": 2, "checkpoint": 1, "data": {"path": "b"}}
    config = resumed(saved, more, "here")
    assert (config.epochs, config.target, config.data.path, config.lr) == (9, "host", "b", 0.5)
    assert config.data.options == {"size": 3}
    assert resumed(saved, {"lr": 0.5, "data": "images"}, "here").data.path == "a"
    for change, key in (
        ({"lr": 0.25}, "lr is 0.5 in here and 0.25 now"),
        ({"net": "phinet"}, "net is digits in here"),
        ({"seed": 4}, "seed"),
        ({"contract": "mac=mul_add"}, "contract"),
        ({"data": {"size": 4}}, "data"),
        ({"data": "digits"}, "data"),
        ({"policy": {"kind": "some", "share": 1}}, "policy"),
        ({"optimiser": "adam", "momentum": None}, "optimiser"),
    ):
        with pytest.raises(TinyclError, match=rf"resume: {key}"):
            resumed(saved, change, "here")


def test_going_on_with_a_key_of_the_policy(some):
    """A policy without its kind is the one of the checkpoint, other keys included."""
    table = {"policy": {"kind": "tinyprop", "s_min": 0.2, "layers": {"conv2d0": "fixed"}}}
    saved = Config.from_table(table).to_table()
    same = {"policy": {"s_min": 0.2}}
    assert resumed(saved, same, "here") == Config.from_table(table)
    assert resumed(saved, {"policy": {}}, "here") == Config.from_table(table)
    for change in ({"s_min": 0.3}, {"layers": {"conv2d0": "dense"}}, {"kind": "tinyprop"}):
        with pytest.raises(TinyclError, match=r"resume: policy is .* here"):
            resumed(saved, {"policy": change}, "here")
    with pytest.raises(TinyclError, match="policy: unknown key 'k'; keys here: s_min"):
        resumed(saved, {"policy": {"k": 1}}, "here")


@pytest.mark.parametrize(
    ("net", "sample", "classes"),
    [
        ("mlp:64-5-10", (1, 8, 8), 10),
        ("mlp:3-2", (3,), 2),
        ("conv:3-5", (2, 7, 4), 4),
        ("digits", (1, 8, 8), 10),
        ("conv_net", (2, 17, 17), 3),
        ("separable", (1, 5, 7), 3),
        ("mobilenet_v1:0.25", (3, 16, 16), 3),
        ("mobilenet_v2", (3, 8, 8), 3),
        ("mobilenet_v2:0.35", (3, 8, 8), 3),
        ("phinet", (3, 8, 8), 3),
        ("phinet:0.1", (3, 8, 8), 3),
    ],
)
def test_nets(net, sample, classes):
    made = make_net(net, sample, classes)
    plan = nn.Training(made, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, *sample)).plan(1, 1)
    assert plan.tensors[plan.bodies["evaluate"].records[0]].shape == (2, classes)


@pytest.mark.parametrize(
    ("net", "told"),
    [
        ("vgg", "there is no net 'vgg'; write one such as digits"),
        ("mlp:", "there is no net 'mlp:'"),
        ("mlp", "cannot read the sizes"),
        ("mlp:64", "cannot read the sizes"),
        ("mlp:64-0-10", "cannot read the sizes"),
        ("mlp:64-²-10", "cannot read the sizes"),
        ("mlp:63-10", "from 63 features to 10 classes; the data have 64 and 10"),
        ("mlp:64-9", "the data have 64 and 10"),
        ("conv:1-2-3", "takes two numbers of channels"),
        ("digits:3", "takes no sizes"),
        ("conv_net", "square images of 16x16 and larger; the data have"),
        ("separable:2", "takes no sizes"),
        ("mobilenet_v1", "takes images with 3 channels"),
        ("mobilenet_v2:0.5", "takes images with 3 channels"),
    ],
)
def test_nets_that_do_not_fit(net, told):
    with pytest.raises(TinyclError, match=told):
        make_net(net, (1, 8, 8), 10)


@pytest.mark.parametrize(
    "net", ["mobilenet_v1:x", "mobilenet_v1:nan", "mobilenet_v2:0", "phinet:0"]
)
def test_widths_that_do_not_fit(net):
    with pytest.raises(TinyclError, match="width"):
        make_net(net, (3, 8, 8), 10)
    with pytest.raises(TinyclError, match="images of"):
        make_net("digits", (3, 8, 8), 10)
    with pytest.raises(TinyclError, match="images of"):
        make_net("conv:2-2", (3,), 10)
