"""A session over CORe50's own folder and lists, and over scenarios made of it."""

import pytest

from tests.data.test_core50 import folder, write_lists  # noqa: F401  (a fixture)
from tinycl.cl.session import Experiment, begin, resume

TABLE = {
    "net": "conv:2-3",
    "checkpoint": 0,
    "first": {"epochs": 1, "minibatch": 2},
    "stage": {"below": "pointwise4", "numbers": "int8"},
    "strategy": {"kind": "fine_tuning", "epochs": 1, "minibatch": 4},
    "replay": {"slots": 3, "bits": 5},
}
BATCHES = ([(1, 1, 0, 0), (1, 2, 0, 1)], [(4, 6, 0, 2), (1, 6, 1, 2), (4, 1, 1, 0)])
TESTS = [(3, 1, 0, 0), (3, 2, 0, 1), (10, 6, 20, 2)]


@pytest.mark.parametrize(
    ("options", "scenario", "batches"),
    [
        ({"lists": "NICv2_391"}, {"kind": "listed"}, 2),
        ({}, {"kind": "nicv2", "first": 1, "order": [0, 1, 5]}, 6),
        ({}, {"kind": "new_classes", "tasks": 3, "classes": 1, "order": [0, 1, 5]}, 3),
    ],
)
def test_a_session_learns_core50(folder, tmp_path_factory, options, scenario, batches):  # noqa: F811
    write_lists(folder, BATCHES, TESTS)
    data = {"name": "core50", "path": str(folder), **options}
    out = tmp_path_factory.mktemp("session") / "run"
    run = begin(Experiment.from_table(TABLE | {"data": data, "scenario": scenario}), out)
    assert len(run.session.scenario.batches) == batches
    run.go_on(stop_after=3)
    run = resume({}, out)
    run.go_on()
    assert run.is_finished
    assert len(run.document()["accuracy"]["correct"]) == batches
