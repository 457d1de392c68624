"""Kernels with one planted fault or one other contract each: the finding has the kind planned.

The first line of each says which: ``wrong: ...``, ``contract [reduction=lanes(4,left)]: ...``, or
``right: ...``. Contracts are named where `tinycl.infer` is there.
"""

import importlib.util
import re
from pathlib import Path

import pytest

from tinycl.validate import KINDS, Effort, compile_kernels, validate

ZOO = Path(__file__).parent / "zoo"
FILES = sorted(path.stem for path in ZOO.glob("*.c"))
EFFORT = Effort(seconds=30, cases=45, shrink=0.1)
INFER = importlib.util.find_spec("tinycl.infer") is not None
BESIDE = {"early_return": {"contract"}}  # its sums are split over the cores


def heading(name):
    head = (ZOO / f"{name}.c").read_text().splitlines()[0]
    return re.match(r"/\* ([\w-]+)(?: \[(.*)\])?: ", head)


def planned(name):
    return heading(name)[1]


def kinds(name, seed=0):
    library = compile_kernels([str(ZOO / f"{name}.c")])
    report = validate(library, effort=EFFORT, seed=seed, timeout=0.7)
    return report, {finding.kind for finding in report.findings}


def test_it_is_large_enough():
    wanted = {planned(name) for name in FILES}
    assert len(FILES) >= 25
    assert wanted <= {*KINDS, "right"}
    assert len(wanted) >= 15


@pytest.mark.parametrize("name", FILES)
def test_each_is_named_rightly(name):
    report, found = kinds(name)
    kind = planned(name)
    assert found - BESIDE.get(name, set()) == ({kind} if kind != "right" else set())
    named = INFER and kind == "contract"
    assert report.exit_code == (kind != "right" and not named)
    for finding in report.findings:
        assert finding.sentence.startswith(f"{finding.case.name}: {KINDS[finding.kind]}")
        if named:
            text = heading(name)[2].replace("split(n)", f"split({finding.case.cores})")
            assert finding.named
            assert f"explained by {text}" in finding.contract


@pytest.mark.parametrize("name", [n for n in FILES if planned(n) in ("right", "contract")])
@pytest.mark.slow
def test_other_seeds_accuse_nobody(name):
    for seed in range(1, 9):
        assert kinds(name, seed)[1] <= ({"contract"} if planned(name) == "contract" else set())
