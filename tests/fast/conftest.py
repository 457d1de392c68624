"""The C target to compare with."""

from collections.abc import Iterator

import pytest

from tinycl.target.host import HostTarget


@pytest.fixture(scope="session")
def host() -> Iterator[HostTarget]:
    target = HostTarget()
    reason = target.available()
    if reason is not None:
        pytest.skip(f"target host is not available: {reason}")
    yield target
    target.close()
