"""`tools/table`: its runs, its costs, its text."""

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tinycl.bits import digest, equal
from tinycl.data import load
from tinycl.errors import TinyclError
from tinycl.target import registry
from tinycl.target.qemu import QemuTarget

TOOLS = Path(__file__).resolve().parents[2] / "tools"
MLP = "MLP 64-32-16-10"


@pytest.fixture(scope="module")
def tools():
    """Return the modules of the table."""
    sys.path.insert(0, str(TOOLS))
    try:
        import table_costs
        import table_runs
        import table_text
    finally:
        sys.path.remove(str(TOOLS))
    return table_runs, table_costs, table_text


@pytest.fixture(scope="module")
def done(tools, tmp_path_factory):
    """Return short runs of the small net, and their outcomes."""
    runs = tools[0].Runs(tmp_path_factory.mktemp("table"), epochs=1, tuned_epochs=3)
    return runs, list(runs.all([MLP], [3], lambda text: None))


def test_every_run_is_there_once(tools, done):
    table, (_, outcomes) = tools[0], done
    found = [(o.regime, o.policy) for o in outcomes]
    assert sorted(found) == sorted(
        (r, p) for r in ("scratch", *table.SHIFTS) for p in table.POLICIES
    )
    for o in outcomes:
        assert 0 < o.accuracy <= 1
        assert o.backward <= o.total <= 1
        assert (o.backward == 1) == (o.policy == "dense")
    dense = {o.regime: o for o in outcomes if o.policy == "dense"}
    assert dense["scratch"].before < 0.3 < dense["scratch"].accuracy
    for (
        shift
    ) in table.SHIFTS:  # tuned runs begin where the dense run came to, whatever their policy
        assert len({o.before for o in outcomes if o.regime == shift}) == 1
        assert dense[shift].before != dense["scratch"].before


def test_fine_tuning_begins_with_the_dense_weights(tools, done):
    runs, _ = done
    tuned = runs.begin("noisy", MLP, "TinyProp", 3, "-again")
    assert tuned.data.digest == load("digits", shift="noisy", samples=320).digest
    dense = json.loads((runs.folder / "scratch-mlp-dense-3" / "results.json").read_text())
    for name, wanted in dense["weights"].items():
        assert digest(tuned.state.tensors[name]) == wanted


def test_stretches_are_parts_of_the_run(tools, done):
    """A stretch, run by itself, is what the run does at that place."""
    costs, (runs, _) = tools[1], done
    work = costs.stretches(runs.begin("scratch", MLP, "TinyPropv2", 3, "-one"))
    run = runs.begin("scratch", MLP, "TinyPropv2", 3, "-two")
    for eighth, inputs in zip(costs.EIGHTHS, work.inputs, strict=True):
        run.train(89 * eighth // 8 + costs.STEPS)
        got = registry.run(work.plan, inputs, target="numba", checked=False).outputs
        for name, value in got.items():
            assert equal(value, run.state.tensors[name]), (eighth, name)


def test_costs(tools, done):
    reason = QemuTarget().available()
    if reason is not None:
        pytest.skip(reason)
    runs, _ = done
    one = tools[1].costs(runs, "rotated", [MLP], 3, 0, True)
    for folder in runs.folder.glob("*-costs"):
        shutil.rmtree(folder)
    two = tools[1].costs(runs, "rotated", [MLP], 3, 0, True)
    assert [c.policy for c in one] == list(tools[0].POLICIES)
    assert [c.instructions for c in one] == [c.instructions for c in two]
    ratio = {c.policy: c.instruction_ratio for c in one}
    assert ratio["dense"] == one[0].time_ratio == 1
    assert {c.policy for c in one if c.heap_ratio != c.instruction_ratio} == {
        "top-k 16 %",
        "TinyProp",
        "TinyPropv2",
    }
    assert ratio["last layer"] < ratio["channels 25 %"] < ratio["channels 50 %"] < 1
    macs = 16 * 3 * (64 * 32 + 32 * 16 + 16 * 10) - 16 * 64 * 32
    assert 3 * macs < one[0].instructions < 20 * macs
    assert all(c.microseconds > 0 for c in one)


def test_rows(tools):
    runs = tools[0]
    made = [
        runs.Outcome(regime, "n", policy, seed, 0.25, share, effort, 0.5 + effort / 2)
        for regime, seed, share, effort in (
            ("rotated", 1, 0.5, 0.1),
            ("rotated", 2, 0.75, 0.3),
            ("noisy", 1, 1.0, 0.2),
            ("noisy", 2, 1.0, 0.2),
            ("scratch", 1, 0.0, 1.0),
        )
        for policy in ("dense", "other")
    ]
    row = runs.rows(made, ("rotated", "noisy"))[1]
    assert (row.net, row.policy) == ("n", "other")
    assert row.accuracy["rotated"] == (62.5, statistics.stdev([50, 75]))
    assert row.accuracy["noisy"] == (100, 0)
    assert row.backward == pytest.approx(0.2)
    assert row.total == pytest.approx(0.6)
    assert runs.spread([0.5]) == (50, 0)


def test_text(tools):
    runs, costs, text = tools
    row = runs.Row("n", "p", {"scratch": (91.26, 1.04)}, 0.1234, 0.5)
    cost = costs.Cost("n", "p", 12.4, 0.987, 1234567, 1.5, 0.75)
    lines = text.table(("accuracy",), ("scratch",), [row], [cost])
    assert (
        lines[2] == "| n | p | 91.3 ± 1.0 | 0.123 | 0.500 | 0.99 (12 µs) | 1.50 (1.23 M) | 0.75 |"
    )
    assert lines[2].count("|") == lines[1].count("|") == lines[0].count("|")
    uncounted = costs.Cost("n", "p", 12.4, 0.987, None, None, None)
    assert text.measured(uncounted) == ["0.99 (12 µs)", "not counted", "not counted"]
    assert (
        text.table(("accuracy",), ("scratch",), [row], [])[2]
        == "| n | p | 91.3 ± 1.0 |  |  |  |  |  |"
    )


def test_the_place_in_the_readme(tools):
    put, begin, end = tools[2].put, tools[2].BEGIN, tools[2].END
    once = put(f"a\n{begin}\nold\n{end}\nb\n", "new")
    assert once == f"a\n{begin}\nnew\n{end}\nb\n"
    assert put(once, "new") == once
    for wrong in ("", begin, f"{end}\n{begin}", f"{begin}{begin}{end}", f"{begin}{end}{end}"):
        with pytest.raises(TinyclError, match="once each, in this order"):
            put(wrong, "new")
    readme = (TOOLS.parent / "README.md").read_text()
    assert put(readme, "x").count("x\n" + end) == 1


def test_wrong_usage():
    for wrong in (["--seeds", "0"], ["--net", "x"], ["--seconds", "-1"], ["--json"]):
        command = [sys.executable, str(TOOLS / "table.py"), *wrong]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
