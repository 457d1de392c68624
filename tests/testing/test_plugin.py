"""The plugin: free until it is used, a test for each target and core count, no silent skips."""

import shutil

import pytest
from inner import ROOT, pytest_in

RUNS = """
import numpy as np
from tinycl.parity.axes import result_axes
from tinycl.testing import assert_bits_equal

def test_golden(tinycl_run, tinycl_golden, tinycl_cores, tinycl_target):
    golden = tinycl_golden("linear_forward/typical_plain")
    got = tinycl_run(golden)
    assert_bits_equal(golden.tensors, got.tensors(), axes=result_axes(golden.plan))
    lean = tinycl_run(golden.plan, golden.inputs, contract=golden.contract, checked=False)
    assert lean.trace == ()
    print("ran on", tinycl_target.name, tinycl_cores)
"""
CHECKS = """
def test_check(tinycl_check, tinycl_golden):
    got = tinycl_check(tinycl_golden("linear_forward/typical_plain"))
    assert "output/y" in got

def test_other_inputs(tinycl_check, tinycl_golden):
    golden = tinycl_golden("linear_forward/typical_plain")
    zeros = {name: value * 0 for name, value in golden.inputs.items()}
    got = tinycl_check(golden, zeros)
    assert not got["output/y"].any()
"""
BROKEN = """
void tinycl_linear_forward(const float *x, const float *w, const float *bias, float *y,
                           const struct tinycl_linear_shape *s, int core, int cores)
{
    (void)x, (void)w, (void)bias, (void)cores;
    for (int32_t i = 0; core == 0 && i < s->n * s->fo; i++)
        y[i] = 0.0f;
}
"""


def test_nothing_is_imported_before_it_is_used(tmp_path):
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('loaded', sorted(n for n in sys.modules if n.partition('.')[0] in\n"
        "          ('numpy', 'numba', 'h5py', 'rich', 'tinycl')))\n"
    )
    for args in (("--co",), ()):
        ran = pytest_in(tmp_path, *args, "-q", "-s")
        assert ran.returncode == 0, ran.stdout
        assert "loaded ['tinycl', 'tinycl.testing', 'tinycl.testing.plugin']" in ran.stdout


def test_targets_and_cores(tmp_path):
    (tmp_path / "test_runs.py").write_text(RUNS)
    ran = pytest_in(
        tmp_path,
        "-rA",
        "--tinycl-target",
        "numpy,host",
        "--tinycl-cores",
        "1,3,1",
        "-k",
        "not numpy-3",
    )
    assert ran.returncode == 0, ran.stdout
    for said in ("numpy 1", "host 1", "host 3"):
        assert f"ran on {said}" in ran.stdout
        assert f"test_golden[{said.replace(' ', '-')}]" in ran.stdout


def test_check_and_own_kernels(tmp_path):
    (tmp_path / "test_checks.py").write_text(CHECKS)
    ran = pytest_in(tmp_path, "--tinycl-local", "200")
    assert ran.returncode == 0, ran.stdout
    (tmp_path / "broken.c").write_text(BROKEN)
    (tmp_path / "pytest.ini").write_text("[pytest]\ntinycl_kernels = broken.c\n")
    ran = pytest_in(tmp_path)
    assert ran.returncode == 1
    assert "linear_forward/typical_plain: trace/0/" in ran.stdout
    assert "1 failed, 1 passed" in ran.stdout
    ran = pytest_in(tmp_path, "--tinycl-target", "numpy")
    assert "target numpy does not run C" in ran.stdout


def test_a_missing_target_skips_only_if_nobody_named_it(tmp_path):
    """Without a compiler on PATH the target host is missing."""
    (tmp_path / "test_runs.py").write_text(RUNS)
    (tmp_path / "bin").mkdir()
    env = {"PATH": str(tmp_path / "bin"), "CC": ""}
    ran = pytest_in(tmp_path, "-rs", env=env)
    assert ran.returncode == 0, ran.stdout
    assert "1 skipped" in ran.stdout
    assert "target host is not available: " in ran.stdout
    ran = pytest_in(tmp_path, "--tinycl-target", "host", env=env)
    assert ran.returncode == 1
    assert "target host is not available: " in ran.stdout
    assert "plugin.py" not in ran.stdout  # no traceback of ours
    assert "skipped" not in ran.stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--tinycl-target", "hots"), "'hots' does not exist; choose from numpy, numba, host"),
        (("--tinycl-target", "host,"), "'host,' is not a list of targets"),
        (("--tinycl-cores", "1,0"), "'1,0' is not a list of cores such as 1,3,8"),
        (("--tinycl-cores", ""), "'' is not a list of cores such as 1,3,8"),
        (("--tinycl-local", "some"), "'some' is not all, none or a number of bytes"),
    ],
)
def test_odd_options(tmp_path, args, told):
    ran = pytest_in(tmp_path, *args)
    assert ran.returncode == 4, ran.stdout
    assert told in ran.stderr


def test_goldens_of_the_repository_under_test(tmp_path):
    own = tmp_path / "golden" / "mine"
    own.mkdir(parents=True)
    shutil.copy(ROOT / "golden" / "linear_forward" / "typical_plain.h5", own / "first.h5")
    (tmp_path / "sub").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "sub" / "test_find.py").write_text(
        "import pytest\n"
        "from tinycl.errors import FileError\n"
        "def test_find(tinycl_golden):\n"
        "    stored = tinycl_golden('golden/mine/first.h5')\n"
        "    assert stored.digest == tinycl_golden('linear_forward/typical_plain').digest\n"
        "    with pytest.raises(FileError, match='neither a file'):\n"
        "        tinycl_golden('mine/third')\n"
    )
    ran = pytest_in(tmp_path / "sub")
    assert ran.returncode == 0, ran.stdout


def test_a_plan_without_inputs(tmp_path):
    (tmp_path / "test_plan.py").write_text(
        "import pytest\n"
        "from tinycl.errors import ShapeError\n"
        "def test_plan(tinycl_run, tinycl_golden):\n"
        "    plan = tinycl_golden('linear_forward/typical_plain').plan\n"
        "    with pytest.raises(ShapeError, match='a plan takes inputs'):\n"
        "        tinycl_run(plan)\n"
    )
    assert pytest_in(tmp_path).returncode == 0
