"""Layer tables: by hand, and against a count of the same net in PyTorch."""

import re

import pytest

from tinycl import models, nn
from tinycl.errors import ShapeError
from tinycl.models import MODELS, layer_table, make_model
from tinycl.models.catalogue import read_options
from tinycl.models.table import Row, totals

NETS = {
    "mobilenet_v1": {},
    "mobilenet_v1 at 0.25": {"width": 0.25, "size": 64, "classes": 10},
    "mobilenet_v1, frozen": {"train_from": "conv5_4", "width": 0.5},
    "mobilenet_v1 with norms": {"norm": "batch", "width": 0.25, "head_bias": False},
    "mobilenet_v1, frozen with norms": {
        "train_from": "conv5_6/sep",
        "norm": "batch",
        "width": 0.25,
        "size": 32,
    },
    "mobilenet_v2": {},
    "mobilenet_v2 with norms": {"norm": "batch", "width": 0.35, "size": 32},
    "mobilenet_v2 at 0.35": {"width": 0.35, "size": 96, "classes": 2},
    "mobilenet_v2 at 1.4": {"width": 1.4, "size": 32},
    "phinet": {},
    "phinet, all options": {
        "alpha": 0.35,
        "beta": 0.75,
        "t0": 4.0,
        "blocks": 6,
        "downsampling": (4, 6),
        "divisor": 4,
        "filters": (32, 16, 40),
        "activation": "hard_swish",
        "residuals": False,
        "channels": 1,
        "size": 50,
    },
    "phinet, full": {"compatible": False, "norm": "batch", "size": 40},
    "phinet, excited": {"squeeze_excite": True, "alpha": 0.1, "size": 20, "train_from": "block4"},
    "mlp": {},
    "mlp 500": {"sizes": (784, 500, 500, 10)},
    "anomaly_mlp": {},
    "conv_net": {},
    "conv_net on colours": {"channels": 3, "size": 33, "filters": (4, 7), "hidden": (9,)},
    "digits": {},
    "conv_net without its last bias": {"head_bias": False},
    "separable": {"size": 11},
    "separable with norms": {"norm": "batch", "width": 0.5, "channels": 3, "classes": 4},
}


def test_by_hand():
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.Residual(nn.Pointwise(3, 3), nn.ReLU())
    )
    assert layer_table(net, (2, 5, 5)) == [
        Row("conv2d0", "conv2d", (3, 3, 3), 3 * 18 + 3, 27 * 18, 27),
        Row("residual1.pointwise0", "pointwise", (3, 3, 3), 12, 27 * 3, 27),
        Row("residual1.relu1", "relu", (3, 3, 3), 0, 0, 27),
        Row("residual1", "add", (3, 3, 3), 0, 0, 27),
    ]


def test_one_layer_alone():
    (row,) = layer_table(nn.Linear(3, 2, bias=False), (3,))
    assert (row.parameters, row.macs, row.shape) == (6, 6, (2,))


@pytest.mark.parametrize("name", NETS)
def test_counts_are_those_of_torch(name):
    """Parameters, multiply-accumulates and output sizes of each layer with weights."""
    torch = pytest.importorskip("torch")
    from tinycl.bench.twin import twin

    net, sample = make_model(name.split(",")[0].split()[0], **NETS[name])
    rows = layer_table(net, sample)
    twin_net, seen = twin(net), []

    def count(module, _, y):
        taps = 0 if hasattr(module, "running_var") else module.weight[0].numel()
        seen.append((tuple(y.shape[1:]), y.numel() * taps, y.numel()))

    for module in twin_net.modules():
        if hasattr(module, "weight"):
            module.register_forward_hook(count)
    twin_net.eval()(torch.zeros(1, *sample))
    assert [(row.shape, row.macs, row.elements) for row in rows if row.parameters] == seen
    sums = totals(rows)
    assert sums["parameters"] == sum(p.numel() for p in twin_net.parameters())
    assert sums["macs"] == sum(macs for _, macs, _ in seen)


def test_sizes_of_the_papers():
    """Latents of MobileNetV1-128, and the linear layers of the small nets."""
    net, sample = make_model("mobilenet_v1")
    rows = [row for row in layer_table(net, sample) if row.parameters]
    assert len(rows) == 28
    assert [row.elements for row in rows if row.shape == (512, 8, 8)] == [32_768] * 11
    assert rows[23].elements == 8_192  # conv5_6/dw
    assert layer_table(net, sample)[-3].elements == 1_024  # pool
    linear = [row.shape[0] for row in layer_table(*make_model("conv_net")) if row.kind == "linear"]
    assert linear == [120, 60, 10]
    assert "flatten" in {row.kind for row in layer_table(*make_model("conv_net"))}
    assert [row.parameters for row in layer_table(*make_model("mlp")) if row.macs] == [
        784 * 32 + 32,
        32 * 16 + 16,
        16 * 10 + 10,
    ]


def test_sizes_that_are_published():
    """Parameters and multiply-accumulates with norms, for 1000 classes and 224x224."""
    published = {
        "mobilenet_v1": (4_231_976, 568_740_352),
        "mobilenet_v2": (3_504_872, 300_774_272),
    }
    for name, (parameters, macs) in published.items():
        sums = totals(layer_table(*make_model(name, 224, classes=1000, norm="batch")))
        assert (sums["parameters"], sums["macs"]) == (parameters, macs)


def test_phinet_is_that_of_its_authors():
    """The counts of the example in their code, for 224x224 without the head.

    Theirs of multiply-accumulates has one for each parameter of a norm.
    """
    net, sample = make_model("phinet", 224, compatible=False, norm="batch", divisor=1)
    rows = [row for row in layer_table(net, sample) if row.kind != "linear"]
    norms = sum(row.parameters for row in rows if row.kind.endswith("normalise"))
    assert totals(rows)["parameters"] == 30_917
    assert totals(rows)["macs"] + norms == 9_817_670


def test_rows_of_norms_and_squeeze_excite():
    net, sample = make_model("phinet", 32, compatible=False, norm="renorm", alpha=0.1)
    rows = {row.layer: row for row in layer_table(net, sample)}
    kinds = [row.kind for row in rows.values()]
    assert kinds.count("normalise") == 3 * 7 + 2 + 1
    assert kinds.count("channel_scale") == 7
    norm = rows["batch_renorm2"]
    assert (norm.parameters, norm.macs, norm.shape) == (2 * 8, 0, (8, 16, 16))
    down, up = [row for name, row in rows.items() if ".pointwise" in name and "excite" in name][:2]
    assert (down.shape, up.shape) == ((8, 1, 1), (48, 1, 1))
    assert down.parameters == down.macs == up.parameters == up.macs == 8 * 48


def test_options_from_texts():
    texts = {"downsampling": "5,7", "alpha": "0.5", "blocks": "3", "residuals": "false"}
    read = read_options("phinet", texts)
    assert read == {"downsampling": (5, 7), "alpha": 0.5, "blocks": 3, "residuals": False}
    assert read_options("mobilenet_v1", {"train_from": "conv6"}) == {"train_from": "conv6"}
    for name, model in MODELS.items():
        texts = {
            key: ",".join(map(str, p.default)) if isinstance(p.default, tuple) else str(p.default)
            for key, p in model.options.items()
            if p.default is not None
        }
        read = read_options(name, {k: v.lower() for k, v in texts.items()})
        assert read == {key: model.options[key].default for key in texts}


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: make_model("vgg"), "no net 'vgg'; choose from mobilenet_v1"),
        (lambda: make_model("phinet", width=1), "takes no option 'width'; options: classes, alpha"),
        (lambda: make_model("mlp", 28), "mlp takes features, see sizes; leave size out"),
        (lambda: make_model("digits", 9), "digits takes images of 8x8; leave size out"),
        (lambda: make_model("phinet", 0), "size must be a whole number from 1, got 0"),
        (lambda: make_model("phinet", classes=0), "classes must be a whole number from 1"),
        (lambda: make_model("mobilenet_v1", channels=-1), "channels must be a whole number"),
        (lambda: make_model("mobilenet_v1", width=0.01), "width must be 1/32 to 64, got 0.01"),
        (lambda: make_model("mobilenet_v2", width=-1.0), "width must be above 0"),
        (lambda: make_model("mobilenet_v2", width=float("nan")), "width must be above 0"),
        (lambda: make_model("phinet", alpha=0.0), "alpha must be above 0"),
        (lambda: make_model("phinet", blocks=0), "blocks and divisor must be at least 1"),
        (lambda: make_model("phinet", filters=(1, 2)), "filters three numbers from 1"),
        (lambda: make_model("phinet", activation="tanh"), "no activation 'tanh'; choose from relu"),
        (lambda: make_model("phinet", activation=""), "no activation ''; choose from relu"),
        (lambda: make_model("mobilenet_v1", norm="layer"), "no norm 'layer'; choose from none, "),
        (lambda: make_model("mobilenet_v1", train_from="conv1"), "no part 'conv1' to train from"),
        (lambda: make_model("mobilenet_v2", train_from="block18"), "block17, last, pool, fc"),
        (lambda: make_model("separable", train_from=""), "there are pair1, pair2, pair3, pool, fc"),
        (lambda: make_model("separable", width=0.05), "width must be 1/16 to 64, got 0.05"),
        (lambda: make_model("digits", head_bias=None, norm="batch"), "takes no option 'norm'"),
        (lambda: make_model("conv_net", 15), "images of 16x16 and larger"),
        (lambda: make_model("conv_net", filters=(1,)), "takes two numbers of filters"),
        (lambda: make_model("mlp", sizes=(3,)), "two or more numbers from 1, got [3]"),
        (lambda: make_model("mlp", sizes=(3, 0)), "two or more numbers from 1"),
        (lambda: read_options("phinet", {"blocks": "x"}), "phinet: blocks is int, not 'x'"),
        (lambda: read_options("phinet", {"residuals": "yes"}), "residuals is bool, not 'yes'"),
        (lambda: read_options("phinet", {"filters": "1;2"}), "filters is a list [int], not '1;2'"),
        (lambda: layer_table(models.mlp(), (1, 784)), "a sample is (channels, rows, columns)"),
        (lambda: layer_table(models.mlp(), (783,)), "783"),
        (lambda: layer_table(models.mobilenet_v1(), (1, 8, 8)), "conv2d"),
    ],
)
def test_odd_input_is_refused(make, told):
    with pytest.raises(ShapeError, match=re.escape(told)):
        make()
