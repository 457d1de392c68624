"""Whole sessions on digits, an INT8 stage and packed replays included: one set of bits."""

import json

import pytest

from tinycl.cl.session import Experiment, begin

TABLE = {
    "net": "separable:norm=renorm,head_bias=false",
    "checkpoint": 0,
    "scenario": {"kind": "new_classes", "tasks": 3, "classes": 2},
    "first": {"epochs": 2},
    "stage": {"below": "depthwise9", "numbers": "int8", "calibration": 32},
    "strategy": {"epochs": 2, "minibatch": 32, "lr": 0.02, "renorm_rate": 0.05},
    "replay": {"slots": 60, "bits": 7},
}
SHORT = TABLE | {
    "data": {"name": "digits", "shift": "rotated", "samples": 120},
    "first": {"epochs": 1, "minibatch": 8},
    "strategy": {"epochs": 1, "minibatch": 8, "lr": 0.02, "renorm_rate": 0.05},
    "replay": {"slots": 12, "bits": 6},
}


def session(folder, table, target, cores=1, **changes):
    """Run a session; return its results without what names the target."""
    made = Experiment.from_table(table | changes | {"target": target, "cores": cores})
    run = begin(made, folder / f"{target}-{cores}")
    run.go_on()
    assert run.is_finished
    document = json.loads((run.folder / "results.json").read_text())
    return {k: v for k, v in document.items() if k != "experiment"}


@pytest.mark.parametrize(
    ("kind", "policy", "rule"),
    [
        ("ar1_star_free", "tinyprop", "random"),
        ("ar1_star", "dense", "reservoir"),
        ("cwr_star", "dense", "balanced"),
    ],
)
def test_engine_and_c_learn_the_same_bits(tmp_path, kind, policy, rule):
    strategy = TABLE["strategy"] | {"kind": kind}
    replay = TABLE["replay"] | {"rule": rule}
    changes = {"strategy": strategy, "replay": replay, "policy": policy}
    wanted = session(tmp_path, TABLE, "numba", 2, **changes)
    assert len(wanted["accuracy"]["correct"]) == 3
    assert "replay.latents" in wanted["tensors"]
    for cores in (1, 3, 8):
        assert session(tmp_path, TABLE, "host", cores, **changes) == wanted


@pytest.mark.parametrize("policy", [{"kind": "channels", "ratio": 0.5}, "tinypropv2"])
def test_specification_and_device_learn_the_same_bits(tmp_path, policy):
    wanted = session(tmp_path, SHORT, "numpy", policy=policy)
    for target, cores in (("numba", 3), ("host", 2), ("qemu", 4)):
        assert session(tmp_path, SHORT, target, cores, policy=policy) == wanted
