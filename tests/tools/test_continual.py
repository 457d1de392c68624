"""`tools/continual`: its experiments, its runs, its text."""

import sys
from pathlib import Path

import pytest

from tinycl.cl.session import Experiment
from tinycl.errors import TinyclError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool():
    """Return the module of the table."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import continual
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return continual


def test_every_experiment_is_one(tool):
    for made in tool.experiments().values():
        Experiment.from_table(made)


def test_the_readme_has_a_row_for_each(tool):
    readme = (ROOT / "README.md").read_text()
    for names in tool.experiments():
        assert "| " + " | ".join(names) + " | " in readme


def test_a_short_run_and_its_text(tool, tmp_path):
    pytest.importorskip("sklearn")
    made = tool.table("ar1_star_free", bits=8, policy={"kind": "tinyprop"})
    made["first"] = {"epochs": 1}
    made["strategy"] = {**made["strategy"], "epochs": 1}
    found = [tool.run(made, seed, 1, tmp_path / str(seed)) for seed in (1, 2)]
    assert all(0 < run["accuracy"] < 1 and 0 < run["effort"] < 0.5 for run in found)
    assert found[0]["replay_bytes"] == 150 * 2048
    text = tool.markdown({("a", "INT8", "8 bits", "TinyProp"): found}, 2)
    row = text.splitlines()[-1]
    assert row.startswith("| a | INT8 | 8 bits | TinyProp | ")
    assert " ± " in row
    assert "307,200" in row
    assert " ± " not in tool.markdown({("a", "b", "c", "d"): found[:1]}, 1).splitlines()[-1]


def test_markers_of_its_own(tool):
    readme = (ROOT / "README.md").read_text()
    put = tool.put(readme, "new", tool.NAME)
    assert "<!-- tools/continual: begin -->\nnew\n<!-- tools/continual: end -->" in put
    assert put.count("tools/table: begin") == 1
    with pytest.raises(TinyclError, match="once each"):
        tool.put("nothing", "new", tool.NAME)
