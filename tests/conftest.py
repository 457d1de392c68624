"""Profiles of hypothesis.

`fixed` (the default, and always in CI) draws the same examples in every run. `random` draws new
ones, ten times as many: ``TINYCL_HYPOTHESIS=random pytest``.

Tests marked `gvsoc` run where GVSoC is found; elsewhere the summary says that they did not.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from tinycl.errors import TargetMissing
from tinycl.target.simulator import find_simulator

COMMON = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
settings.register_profile("fixed", derandomize=True, database=None, max_examples=40, **COMMON)
settings.register_profile("random", derandomize=False, max_examples=400, **COMMON)
settings.load_profile(
    "fixed" if "CI" in os.environ else os.environ.get("TINYCL_HYPOTHESIS", "fixed")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a simulator that is not here."""
    try:
        find_simulator()
    except TargetMissing as error:
        skip = pytest.mark.skip(reason=f"GVSoC: {error}")
        for item in items:
            if item.get_closest_marker("gvsoc"):
                item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests no simulator was there for, so that nobody takes them for passed."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum("GVSoC: " in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.section("GVSoC")
        terminalreporter.line(
            f"{count} tests on the target gvsoc were NOT run: GVSoC was not found. "
            "Set TINYCL_GVSOC to the simulator or its folder."
        )
