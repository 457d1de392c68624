"""Profiles of hypothesis.

`fixed` (the default, and always in CI) draws the same examples in every run. `random` draws new
ones, ten times as many: ``TINYCL_HYPOTHESIS=random pytest``.
"""

import os

from hypothesis import HealthCheck, settings

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
