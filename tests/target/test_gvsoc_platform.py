"""What the runner needs of the PULP cluster: barriers, copies, counters, memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinycl.errors import TargetError
from tinycl.target.build import Recipe
from tinycl.target.gvsoc import GvsocTarget

from runs import Work  # isort: skip

PROGRAM = Path(__file__).with_name("platform.c")


@pytest.mark.gvsoc
@pytest.mark.parametrize("optimise", ["-O0", "-O2", "-O3"])
def test_the_platform_keeps_its_promises(gvsoc: GvsocTarget, training: Work, optimise: str) -> None:
    target = GvsocTarget(Recipe("pulp", optimise=optimise, sources=(str(PROGRAM),)))
    with pytest.raises(TargetError, match="ended with status 0 after 0 bytes") as caught:
        target.execute(*training, timeout=60)
    target.close()
    assert "| all right" in str(caught.value)
    assert "wrong" not in str(caught.value)
