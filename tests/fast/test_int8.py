"""Kernels on bytes at the sizes of real layers: whole panels, cut ones, every number of cores."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.fast.harness import run
from tinycl import bits
from tinycl.ops import TABLE

TOP = (1 << 31) - 1


def layer(seed, x, w, zeros=(7, 30), extreme=False):
    """Make the tensors of a convolution whose results spread over all bytes."""
    random = np.random.default_rng(seed)
    fan_in, channels = int(np.prod(w[1:])), w[0]
    limit = 1 << 31 if extreme else 100 * fan_in
    shift = 32 + int(np.log2(40 * fan_in**0.5)) if not extreme else 55
    tensors = (
        random.integers(0, 256, x, np.uint8),
        random.integers(-128, 128, w, np.int8),
        random.integers(-limit, limit, channels, np.int64).astype(np.int32),
        random.integers(1 << 30, 1 << 31, channels, np.int64).astype(np.int32),
        random.integers(shift - 1, shift + 3, channels, np.int64).astype(np.int32),
        np.array(zeros, np.int32),
    )
    if extreme:
        tensors[0][:], tensors[1][:] = 255, np.where(random.integers(0, 9, w) > 0, -128, 127)
    return tensors


def assert_agrees(name, tensors, attrs, cores):
    expected = TABLE[name].function(*tensors, **attrs)
    (got,) = run(name, name, tensors, attrs, cores=cores)
    assert len(np.unique(expected)) > 3 or expected.size < 9
    wrong = np.argwhere(expected != got)
    assert bits.equal(expected, got), f"{len(wrong)} differ, first {wrong[0].tolist()}"


POINTWISE = [
    (1, 32, 64, 16, 16),
    (3, 33, 37, 7, 9),  # no axis divides by anything
    (2, 130, 50, 3, 5),
    (5, 3, 1, 4, 4),
    (1, 1, 7, 1, 1),
    (9, 64, 20, 1, 1),
]


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("shape", POINTWISE, ids=str)
@pytest.mark.parametrize("zeros", [(0, 0), (255, 128), (13, 255)])
def test_pointwise(shape, cores, zeros):
    n, ci, co, h, w = shape
    assert_agrees("int8_pointwise", layer(1, (n, ci, h, w), (co, ci), zeros), {}, cores)


CONV2D = [
    ((2, 3, 17, 18), (9, 3, 3, 3), (2, 2), (1, 1, 1, 1)),
    ((1, 5, 9, 11), (70, 5, 5, 2), (1, 3), (4, 0, 1, 1)),
    ((2, 2, 3, 2), (3, 2, 2, 2), (1, 2), (3, 2, 2, 4)),
    ((1, 16, 12, 12), (20, 16, 3, 3), (1, 1), (1, 1, 1, 1)),
]


@pytest.mark.parametrize("cores", [1, 3])
@pytest.mark.parametrize("case", CONV2D, ids=str)
@pytest.mark.parametrize("zeros", [(0, 0), (200, 128)])
def test_conv2d(case, cores, zeros):
    x, w, stride, padding = case
    attrs = {"stride": stride, "padding": padding}
    assert_agrees("int8_conv2d", layer(2, x, w, zeros), attrs, cores)


DEPTHWISE = [
    ((2, 5, 32, 32), (3, 3), (1, 1), (1, 1, 1, 1)),
    ((2, 3, 33, 31), (3, 3), (2, 2), (1, 1, 1, 1)),
    ((1, 4, 8, 8), (3, 3), (2, 2), (0, 1, 0, 1)),
    ((3, 7, 4, 4), (3, 3), (1, 1), (0, 0, 0, 0)),
    ((1, 2, 9, 70), (3, 3), (2, 2), (2, 3, 5, 0)),
    ((1, 2, 3, 3), (3, 3), (1, 1), (0, 0, 0, 0)),
    ((1, 2, 1, 1), (3, 3), (2, 2), (3, 3, 3, 3)),
    ((2, 3, 9, 8), (5, 5), (1, 2), (2, 2, 2, 2)),
    ((1, 3, 6, 7), (3, 3), (1, 2), (1, 1, 1, 1)),
]


@pytest.mark.parametrize("cores", [1, 3])
@pytest.mark.parametrize("case", DEPTHWISE, ids=str)
@pytest.mark.parametrize("zeros", [(0, 0), (200, 128)])
def test_depthwise(case, cores, zeros):
    x, kernel, stride, padding = case
    attrs = {"stride": stride, "padding": padding}
    assert_agrees("int8_depthwise", layer(3, x, (x[1], *kernel), zeros), attrs, cores)


@pytest.mark.parametrize("name", ["int8_pointwise", "int8_depthwise", "int8_conv2d"])
def test_sums_wrap_and_terms_are_as_large_as_they_can_be(name):
    """Neither 16 bits between products nor 32 bits of a sum hold these."""
    x, w = {
        "int8_pointwise": ((2, 600, 4, 5), (13, 600)),
        "int8_depthwise": ((2, 6, 20, 20), (6, 3, 3)),
        "int8_conv2d": ((1, 8, 9, 9), (6, 8, 3, 3)),
    }[name]
    for zeros in ((0, 128), (255, 128)):
        tensors = list(layer(4, x, w, zeros, extreme=True))
        if zeros[0]:
            tensors[0][:] = 0
        tensors[2][:3] = -TOP - 1, TOP, TOP - 100_000
        attrs = {} if name == "int8_pointwise" else {"stride": (1, 1), "padding": (1, 1, 1, 1)}
        assert_agrees(name, tuple(tensors), attrs, 2)


DOTS = {
    "avx512": ("pairs16", "pairs8", "single"),
    "avx2": ("pairs8", "single"),
    "none": ("pairs4", "single"),
    "neon": ("single",),
}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("vectors", "dots"), [(v, d) for v in DOTS for d in DOTS[v]])
def test_other_ways_to_add_products_give_the_same_bytes(tmp_path, vectors, dots):
    """Each way that this CPU can run, in a process of its own with nothing compiled."""
    env = {**os.environ, "TINYCL_VECTORS": vectors, "TINYCL_DOTS": dots}
    env["TINYCL_CACHE"] = str(tmp_path)
    if vectors == "none":
        env["NUMBA_CPU_NAME"], env["NUMBA_CPU_FEATURES"] = "generic", ""
    chosen = "test_pointwise or test_conv2d or test_depthwise or test_sums"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    done = subprocess.run([*command, "-k", chosen], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
