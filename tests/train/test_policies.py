"""Runs with policies: cut and resumed, with all their state, and with a report."""

import json

import pytest

from tinycl.errors import TinyclError
from tinycl.train import POLICIES, Config, Policy, begin, resume

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


@pytest.mark.parametrize("microbatches", [1, 2])
def test_each_choice_is_told(tmp_path, microbatches):
    """Channels chosen anew each epoch: the report has those of each step, cut or not."""
    table = {"net": "mlp:64-12-10", "batch": 71, "epochs": 3, "target": "numpy", "choose": 1}
    table |= {"policy": {"kind": "channels", "side": "output", "by": "gradient"}}
    table |= {"microbatches": microbatches, "lr": 0.5}
    run = begin(Config.from_table(table), tmp_path / "run")
    chosen = []
    for epoch in range(3):
        for stop in (3, run.steps_per_epoch):
            run = run if stop == 3 and not epoch else resume({}, tmp_path / "run")
            run.train(epoch * run.steps_per_epoch + stop)
        chosen.append(sorted(run.state.tensors["linear1.kept_outputs"].flat))
    assert len({tuple(c) for c in chosen}) > 1  # or this test shows nothing
    (use,) = run.document()["policy"]["layers"][0]["channels"]
    per_epoch = run.steps_per_epoch * microbatches
    assert len(use["updated"]) == 3 * per_epoch == run.document()["policy"]["steps"]
    for step, row in enumerate(use["updated"]):
        assert [c for c, times in enumerate(row) if times] == chosen[step // per_epoch]


def test_nothing_is_told_before_the_first_step(tmp_path):
    run = begin(Config.from_table({"policy": {"kind": "topk", "k": 2}}), tmp_path / "run")
    assert run.document()["policy"] is None


def test_layers_inside_others():
    """TOML takes the point in ``residual2.linear0`` for a table inside a table."""
    plain = {"layers": {"residual2.linear0": {"kind": "topk", "k": 3}, "a.b.c": "fixed"}}
    for layers in (
        {"residual2": {"linear0": {"kind": "topk", "k": 3}}, "a": {"b": {"c": "fixed"}}},
        {"residual2.linear0": {"kind": "topk", "k": 3}, "a": {"b.c": {"kind": "fixed"}}},
    ):
        assert Policy.from_table({"layers": layers}) == Policy.from_table(plain)
    made = Policy.from_table(plain)
    assert Policy.from_table(made.to_table()) == made
    with pytest.raises(TinyclError, match="policy.layers.a: unknown key 'b'"):
        Policy.from_table({"layers": {"a": {"kind": "fixed", "b": {"kind": "fixed"}}}})
    with pytest.raises(TinyclError, match="policy.layers.a.b: given twice; keep one"):
        Policy.from_table({"layers": {"a": {"b": "fixed"}, "a.b": "dense"}})


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
