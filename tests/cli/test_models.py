"""`tinycl models`: the catalogue, and one net's layers."""

import json

import pytest

from tinycl.models import MODELS


def test_catalogue(tinycl):
    said = tinycl("models")
    assert (said.code, said.err) == (0, "")
    for name in MODELS:
        assert name in said.out
    pages = json.loads(tinycl("models", "--json").out)
    assert list(pages) == list(MODELS)
    assert pages["separable"]["parameters"] == 13_546
    assert pages["separable"]["macs"] == 342_272
    assert pages["mobilenet_v1"]["sample"] == [3, 128, 128]


def test_a_net(tinycl):
    said = tinycl("models", "separable")
    assert said.code == 0
    assert "13,546 parameters, 342,272 multiply-accumulates" in said.out
    page = json.loads(tinycl("models", "separable", "--json").out)
    assert page["layers"][0] == {
        "layer": "conv2d0",
        "kind": "conv2d",
        "shape": [16, 8, 8],
        "parameters": 160,
        "macs": 9216,
        "elements": 1024,
    }
    assert page["totals"]["parameters"] == 13_546


def test_options(tinycl):
    chosen = ("--width", "0.5", "--size", "32", "--classes", "7")
    more = ("--set", "downsampling=3,5", "t0=4", "blocks=6")
    page = json.loads(tinycl("models", "phinet", *chosen, *more, "--json").out)
    assert page["options"] == {
        "downsampling": [3, 5],
        "t0": 4.0,
        "blocks": 6,
        "classes": 7,
        "alpha": 0.5,
    }
    assert page["sample"] == [3, 32, 32]
    assert page["layers"][-1]["shape"] == [7]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["vgg"], "there is no net 'vgg'"),
        (["--classes", "3"], "options belong to one net; name it"),
        (["digits", "--width", "2"], "digits has no width"),
        (["digits", "--classes", "2"], "digits takes no option 'classes'; options: head_bias"),
        (["mlp", "--size", "3"], "mlp takes features"),
        (["mlp", "--set", "sizes"], "--set takes KEY=VALUE, got 'sizes'"),
        (["mlp", "--set", "sizes=3"], "two or more numbers"),
        (["conv_net", "--set", "size=30"], "write --size 30 in the place of --set size=30"),
        (["mlp", "--set", "name=x"], "mlp takes no option 'name'"),
        (["phinet", "--width", "nan"], "alpha must be above 0"),
        (["mobilenet_v1", "--width", "nan"], "width must be 1/32 to 64, got nan"),
        (["mobilenet_v1", "--width", "inf"], "width must be 1/32 to 64, got inf"),
        (["mobilenet_v1", "--width", "1e300"], "width must be 1/32 to 64, got 1e+300"),
        (["phinet", "--width", "0.4", "--set", "alpha=0.3"], "alpha is said twice"),
        (["phinet", "--classes", "4", "--set", "classes=3"], "classes is said twice"),
        (["phinet", "--set", "blocks=x"], "blocks is int, not 'x'"),
    ],
)
def test_wrong_usage(tinycl, arguments, told):
    said = tinycl("models", *arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
