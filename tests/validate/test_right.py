"""Kernels that are right: the reference's own, and builds that round as they like."""

from pathlib import Path

import pytest

from tests.validate.mutate import sources
from tinycl.validate import Effort, compile_kernels, validate

pytestmark = pytest.mark.timeout(900)
ZOO = Path(__file__).parent / "zoo"
# Which sums -ffast-math reorders and which quotients it estimates depends on the machine that is
# compiled for: without -fno-associative-math and -ftrapping-math a build is another one elsewhere.
STEADY = ("-fno-associative-math", "-fno-reciprocal-math", "-ftrapping-math")
FAST = (("-O3", "-ffp-contract=fast"), ("-O3", "-ffast-math", *STEADY))


@pytest.fixture(scope="module")
def reference():
    return compile_kernels([str(path) for path in sources().values()])


def test_the_reference(reference):
    report = validate(reference, effort=Effort(seconds=120, cases=25))
    assert [finding.sentence for finding in report.findings] == []
    assert len(report.sweeps) == len(sources())
    assert all(done.cases == 25 for done in report.sweeps)


@pytest.mark.parametrize("flags", FAST, ids=lambda flags: flags[1])
def test_fast_builds_are_no_faults(flags):
    zoo = ("two_roundings", "four_lanes", "spatial_major", "hwc", "matmul", "two_phases")
    gradients = ("linear_bias_grad", "conv2d_weight_grad", "conv2d_input_grad", "avg_pool_forward")
    files = [[str(ZOO / f"{name}.c")] for name in zoo]
    files.append([str(sources()[name]) for name in gradients])
    for names in files:
        library = compile_kernels(names, flags)
        report = validate(library, effort=Effort(seconds=120, cases=20, shrink=0.1))
        assert {finding.kind for finding in report.findings} <= {"contract"}, names


@pytest.mark.parametrize("flags", FAST, ids=lambda flags: flags[1])
def test_fast_builds_lose_nan_and_zeros_at_most(flags):
    library = compile_kernels([str(path) for path in sources().values()], flags)
    report = validate(library, effort=Effort(seconds=120, cases=20, shrink=0.1))
    for finding in report.findings:
        allowed = {"nan", "zero"} if finding.case.kernel.kind == "exact" else {"contract"}
        flushes = finding.named and "explained by subnormals=flush" in finding.contract
        assert finding.kind in allowed or flushes, finding.sentence


@pytest.mark.parametrize("seed", [1, 2, 6])
def test_flushing_is_no_fault_where_few_numbers_show_it(seed):
    pools = ("avg_pool_forward", "avg_pool_input_grad")
    library = compile_kernels([str(sources()[name]) for name in pools], FAST[1])
    report = validate(library, effort=Effort(seconds=120, cases=20, shrink=0.1), seed=seed)
    assert [finding.sentence for finding in report.findings if finding.fault] == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_reference_over_many_seeds(reference):
    for seed in range(2, 32):
        report = validate(reference, effort=Effort(seconds=60, cases=70), seed=seed)
        assert [finding.sentence for finding in report.findings] == []
