"""The benchmark's own parts; the measuring itself is no test."""

import sys

import pytest
from rich.console import Console

from tinycl.bench import int8
from tinycl.bench.memory import high_water_megabytes
from tinycl.bench.peak import memory_job, peak_job
from tinycl.bench.report import render
from tinycl.bench.sparse import comparisons
from tinycl.bench.steps import Step, ours
from tinycl.bench.timing import interleave, summary
from tinycl.cli.main import main
from tinycl.errors import TinyclError
from tinycl.models import digits_net

TIMES = {"median": 1e-6, "low": 1e-6, "high": 2e-6}


def test_jobs_take_turns():
    calls = []
    jobs = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    found = interleave(jobs, budget=0.01, least=3)
    assert found.keys() == {"a", "b"}
    assert all(t.low <= t.median <= t.high for t in found.values())
    assert calls.count("a") > 3
    assert "ab" in "".join(calls)
    assert "ba" in "".join(calls)


def test_medians():
    assert summary([5.0, 1.0, 3.0, 2.0, 4.0]).median == 3.0


def test_the_peak_does_what_it_says():
    job, operations = peak_job()
    job()
    assert operations > 1e6


def test_memory_is_read_and_written():
    job, size = memory_job()
    job()
    assert size == 3 * 2**24


def test_shares_of_peak_and_limit_are_told(capsys):
    row = {"what": "a", "ours": TIMES, "theirs": TIMES, "ours_gflops": 2.0, "ratio": 1.0}
    Console(width=200).print(render([{**row, "share_of_peak": 0.31, "share_of_limit": 0.62}]))
    told = capsys.readouterr().out
    assert "31%" in told
    assert "62%" in told


def test_a_step_can_be_repeated():
    job, program = ours(Step("digits", digits_net, (4, 1, 8, 8), 10), 2)
    for _ in range(3):
        job()
    assert program.kernels["pointwise_forward"] == 1


def test_sparse_work_is_counted_against_the_dense_pass(capsys):
    rows = []
    for one in comparisons(1):
        one.dense()
        one.sparse()
        rows.append({"what": one.what, "share": 0.25, "sparse": TIMES, "dense": TIMES})
    assert len({row["what"] for row in rows}) == len(rows) == 9
    Console(width=200).print(render(rows))
    assert capsys.readouterr().out.count("25.0%") == len(rows)


def test_both_frozen_stages_run():
    (found,) = int8.comparisons((1,), 2)
    found.int8()
    found.f32()
    assert found.macs > 100e6
    assert "INT8 against FP32" in found.what


def test_memory_is_this_process_alone():
    assert 10 < high_water_megabytes() < 100_000


@pytest.mark.parametrize(
    "words", [["nothing"], ["--threads", "0"], ["--batches", "x"], ["--batches", "0"]]
)
def test_wrong_usage(words, capsys):
    assert main(["bench", *words]) == 2
    assert "bench" in capsys.readouterr().err


def test_without_torch(monkeypatch):
    from tinycl.bench.twin import torch

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TinyclError, match=r"pip install 'tinycl\[bench\]'"):
        torch()
