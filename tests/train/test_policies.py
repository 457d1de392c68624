"""Runs with policies: cut and resumed, with all their state, and with a report."""

import json

import pytest

from tinycl.errors import TinyclError
from tinycl.train import POLICIES, Config, begin, resume

TABLES = {
    "fixed": {"kind": "dense", "layers": {"linear1": "fixed"}},
    "bias_only": {"kind": "bias_only"},
    "layerwise": {"kind": "layerwise", "weights": 1, "biases": 2},
    "channels": {"kind": "channels", "ratio": 0.5, "by": "gradient", "side": "both"},
    "topk": {"kind": "topk", "k": 2},
    "tinyprop": {"kind": "tinyprop", "s_min": 0.2},
    "tinypropv2": {"kind": "tinypropv2", "threshold": 0.3},
}


def test_every_kind_is_tried():
    assert set(POLICIES) == {*TABLES, "dense"}


@pytest.mark.parametrize("kind", TABLES)
def test_cut_and_resumed(tmp_path, kind):
    table = {"net": "mlp:64-6-10", "batch": 71, "epochs": 3, "target": "numpy", "choose": 2}
    table["policy"] = TABLES[kind]
    whole = begin(Config.from_table(table), tmp_path / "whole")
    assert whole.steps_per_epoch == 20
    whole.train()
    begin(Config.from_table(table), tmp_path / "cut").train(13)
    for stop in (25, 40, 41, 60):
        resume({"checkpoint": 7}, tmp_path / "cut").train(stop)
    told = []
    for name in ("whole", "cut"):
        told.append(json.loads((tmp_path / name / "results.json").read_text()))
        assert told[-1].pop("config")["policy"] == whole.config.to_table()["policy"]
    assert told[0] == told[1]
    assert told[0]["policy"]["backward_macs"] < told[0]["policy"]["dense_backward_macs"]
    dense = begin(Config.from_table(table | {"policy": "dense"}), tmp_path / "dense")
    dense.train()
    assert dense.document()["weights"] != told[0]["weights"]
    assert dense.document()["policy"] is None


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"kind": "tinyprop", "s_mim": 1}, "did you mean 's_min'"),
        ({"kind": "tinyprop", "rounding": "up"}, "rounding"),
        ({"layers": {"linear9": "topk"}}, "policy.layers.linear9|linear9"),
        ({"kind": "topk"}, "k|ratio"),
    ],
)
def test_what_does_not_fit(tmp_path, policy, told):
    with pytest.raises(TinyclError, match=told):
        begin(Config.from_table({"net": "mlp:64-6-10", "policy": policy}), tmp_path / "out")
    assert not (tmp_path / "out").exists()
