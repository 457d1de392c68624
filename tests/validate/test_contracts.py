"""The contract of a kernel is named, whatever cases its evidence happens to begin with."""

import time
from pathlib import Path

import pytest

from tinycl.validate import compile_kernels
from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.client import Client
from tinycl.validate.contracts import Kept

ZOO = Path(__file__).parent / "zoo"
NAME = "linear_bias_grad"
THIN = (2, 3, 27)  # seeds whose first cases leave too few elements to rule chance out


@pytest.fixture
def client():
    library = compile_kernels([str(ZOO / "split_over_cores.c")])
    with Client(library, 5.0) as client:
        yield client


def kept(client, seed, seconds=60.0):
    return Kept(client, About(), seed, time.monotonic() + seconds)


def case(n, cores):
    return Case(NAME, (("n", n), ("fi", 1), ("fo", 1)), True, "plain", 0, cores)


@pytest.mark.parametrize("seed", [1, *THIN])
@pytest.mark.parametrize("cores", [2, 3])
def test_more_cases_are_drawn_until_it_is_certain(client, seed, cores):
    known = kept(client, seed)
    assert known.learn(case(16, cores))
    assert str(known.contract(cores)) == f"reduction=split({cores})"
    assert known.told(cores).startswith(f"every bit is explained by reduction=split({cores})")


def test_where_the_time_is_over_it_says_that_too_little_was_seen(client):
    known = kept(client, THIN[0], seconds=0.0)
    assert not known.learn(case(16, 2))
    assert not known
    assert known.told(2).endswith("too few elements tell it from chance")
