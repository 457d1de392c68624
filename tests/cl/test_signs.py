"""Levels of a quantised replay begin at 0: what would lose half of its latents is refused."""

import numpy as np
import pytest

from tests.cl.worlds import IMAGE, blobs
from tinycl import cl, nn, quant
from tinycl.cl.learning import Learner, Replay, Strategy
from tinycl.cl.learning.signs import signed
from tinycl.cl.session import Experiment
from tinycl.cl.session.session import Session
from tinycl.errors import PlanError

HEAD = (nn.GlobalAvgPool2d(), nn.Flatten(), nn.Linear(4, 3, bias=False))


def learner(bits, *below):
    net = nn.Sequential(nn.Frozen(nn.Conv2d(1, 4, 3, padding=1), *below), *HEAD)
    return Learner(net, IMAGE, Strategy(), Replay(5, bits))


@pytest.mark.parametrize(
    "below",
    [
        (nn.BatchNorm(4),),
        (nn.ReLU(), nn.Pointwise(4, 4)),
        (nn.HardSwish(),),
        (nn.ReLU(), nn.Residual(nn.Pointwise(4, 4))),
        (nn.BatchNorm(4), nn.MaxPool2d(2)),
    ],
    ids=["norm", "linear", "hard_swish", "residual", "pooled"],
)
def test_latents_with_a_sign_need_float32(below):
    assert learner(32, *below).latent
    with pytest.raises(PlanError, match=r"may be below 0, and 6 bits .* \(bits = 32\)"):
        learner(6, *below)


@pytest.mark.parametrize("act", [nn.ReLU, nn.ReLU6, nn.Sigmoid])
def test_latents_without_one_are_kept(act):
    assert learner(6, nn.BatchNorm(4), act()).latent
    assert learner(6, nn.Sequential(act()), nn.MaxPool2d(2), nn.AvgPool2d(2)).latent


@pytest.mark.parametrize(("layers", "name"), [((), "int8_stage0"), ((nn.ReLU(),), None)])
def test_the_zero_point_of_a_stage_on_bytes_tells(layers, name):
    below = nn.Sequential(nn.Pointwise(1, 2, bias=False), *layers)
    values = {"pointwise0.weight": np.float32([[1], [-1]])}
    stage = quant.calibrate(below, values, np.ones((1, *IMAGE), np.float32), target="numpy")
    nn.Sequential(stage)  # gives it its name
    assert signed(stage) == name


def test_images_with_a_sign_are_not_replayed_in_bits():
    def session(bits):
        table = {
            "net": "conv:3-5", "target": "numpy", "first": {"minibatch": 4},
            "strategy": {"kind": "fine_tuning"}, "replay": {"slots": 4, "bits": bits},
        }  # fmt: skip
        scenario = cl.new_classes(blobs(), tasks=2, classes=2)
        return Session(Experiment.from_table(table), scenario)

    assert session(32).phases == 3
    with pytest.raises(PlanError, match="images are replayed; these have values below 0"):
        session(8)
