"""Kernels with one planted fault or one other contract each: the finding has the kind planned.

The first line of each says which: ``wrong: ...``, ``contract [reduction=lanes(4,left)]: ...``, or
``right: ...``. A fault may come beside a contract: ``wrong [reduction=lanes(4,left)]: ...``.
"""

import re
from pathlib import Path

import pytest

from tinycl.validate import KINDS, Effort, compile_kernels, validate

pytestmark = pytest.mark.timeout(900)
ZOO = Path(__file__).parent / "zoo"
FILES = sorted(path.stem for path in ZOO.glob("*.c"))
EFFORT = Effort(seconds=120, cases=45, shrink=0.1)  # cases end it, also on a busy machine
TOLD = {
    "past_the_guards": "from count = 9 on, on every number of cores",
    "waits_on_three_cores": "from count = 6 on, on 3 cores",
    "lanes_and_other_rounding": "from fi = 31 on",
    "lanes_and_past_the_end": "from fo = 9 on",
    "lanes_and_race": "on 2, 3, 4 and 8 cores",
}
BY_CHANCE = "by_chance"
BESIDE = {"early_return": {"contract"}}  # its sums are split over the cores


def heading(name):
    head = (ZOO / f"{name}.c").read_text().splitlines()[0]
    return re.match(r"/\* ([\w-]+)(?: \[(.*)\])?: ", head)


def planned(name):
    return heading(name)[1]


def kinds(name, seed=0, effort=EFFORT):
    library = compile_kernels([str(ZOO / f"{name}.c")])
    report = validate(library, effort=effort, seed=seed, timeout=0.7)
    return report, {finding.kind for finding in report.findings}


def test_it_is_large_enough():
    wanted = {planned(name) for name in FILES}
    assert len(FILES) >= 25
    assert wanted <= {*KINDS, "right"}
    assert len(wanted) >= 15


@pytest.mark.parametrize("name", FILES)
def test_each_is_named_rightly(name):
    report, found = kinds(name)
    for seed in (1, 2) if name == BY_CHANCE else ():  # it may be lucky once
        if not found:
            report, found = kinds(name, seed)
    kind, text = heading(name).groups()
    wanted = {kind} - {"right"} | ({"contract"} if text else set())
    assert found - BESIDE.get(name, set()) == wanted
    assert report.exit_code == (kind not in ("right", "contract"))
    for finding in report.findings:
        assert finding.sentence.startswith(f"{finding.case.name}: {KINDS[finding.kind]}")
        if text and finding.kind in ("contract", "departs"):
            split = text.replace("split(n)", f"split({finding.case.cores})")
            assert finding.named == (finding.kind == "contract")
            assert f"explained by {split}" in finding.contract


@pytest.mark.parametrize("name", TOLD)
def test_sizes_and_cores_are_told(name):
    report, _ = kinds(name, effort=Effort(seconds=120, cases=45, shrink=20))
    told = [finding.sentence for finding in report.findings]
    assert any(TOLD[name] in sentence for sentence in told), told


@pytest.mark.parametrize("name", [n for n in FILES if planned(n) in ("right", "contract")])
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_other_seeds_accuse_nobody(name):
    wanted = {"contract"} if planned(name) == "contract" else set()
    for seed in range(1, 31):
        report, found = kinds(name, seed)
        assert found <= wanted
        assert report.exit_code == 0
