"""Each kind of finding is found again from its golden file, and told by the same name."""

from pathlib import Path

import pytest

from tests.validate.test_zoo import FILES, ZOO, planned
from tinycl.validate import Effort, compile_kernels, replay, validate

pytestmark = pytest.mark.timeout(900)
OF_KIND = {planned(name): name for name in reversed(FILES) if planned(name) != "right"}
EFFORT = Effort(seconds=120, cases=45, shrink=1)


@pytest.mark.parametrize("kind", OF_KIND)
def test_a_finding_replays(kind, tmp_path):
    library = compile_kernels([str(ZOO / f"{OF_KIND[kind]}.c")])
    report = validate(library, effort=EFFORT, timeout=0.7, out=tmp_path)
    (found,) = (f for f in report.findings if f.kind == kind)
    was, now = replay(library, Path(found.path), timeout=0.7)
    assert (was.kind, was.case.sizes, was.case.cores) == (
        kind,
        found.case.sizes,
        found.case.cores,
    )
    again = [one for cores, one in now if one is not None and one.kind == kind]
    assert again
    assert [one.fault for one in again] == [found.fault] * len(again)


def test_a_right_kernel_replays_nothing(tmp_path):
    library = compile_kernels([str(ZOO / "static_bias.c")])
    report = validate(library, effort=EFFORT, timeout=0.7, out=tmp_path)
    right = compile_kernels([str(ZOO / "hwc.c")])
    (found,) = report.findings
    _, now = replay(right, Path(found.path), timeout=5.0)
    assert [one for _, one in now] == [None] * len(now)
