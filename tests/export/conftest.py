"""One golden of a convolution."""

import pytest

from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import Golden


@pytest.fixture(scope="session")
def conv() -> Golden:
    return make(catalogue()["conv2d_forward/stride2_plain"])
