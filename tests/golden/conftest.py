"""Goldens made once a session."""

from pathlib import Path

import pytest

from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import Golden
from tinycl.golden.store import write

SMALL = "linear_forward/one_feature_plain"


@pytest.fixture(scope="session")
def suite() -> dict[str, Golden]:
    """Every golden of the catalogue, in memory."""
    return {name: make(case) for name, case in catalogue().items()}


@pytest.fixture
def small() -> Golden:
    """One small golden."""
    return make(catalogue()[SMALL])


@pytest.fixture
def file(tmp_path: Path, small: Golden) -> Path:
    """Its file."""
    path = tmp_path / "small.h5"
    write(path, small)
    return path
