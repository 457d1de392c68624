"""`tinycl run`: equal is 0, different is 1 with all there is to know, unreadable is 2."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from tinycl.cli.run import cores
from tinycl.golden.catalogue import catalogue
from tinycl.target.host import HostTarget
from tinycl.target.numpy_target import NumpyTarget

CASES = ("conv2d_forward/stride2_plain", "sgd/bare_*", "clear/all_plain")
CONV = "conv2d_forward/stride2_plain"


def flip(path: Path, name: str, index: tuple[int, ...], bit: int = 22) -> tuple[str, str]:
    """Flip a bit; return both values in hexadecimal."""
    with h5py.File(path, "r+") as stored:
        value = stored[name][()]
        before = f"{value.view(np.uint32)[index]:08x}"
        value.view(np.uint32)[index] ^= 1 << bit
        stored[name][...] = value
    return before, f"{value.view(np.uint32)[index]:08x}"


def test_equal(tinycl, folder: Path) -> None:
    said = tinycl("run", "--golden", folder, *CASES)
    assert (said.code, said.err) == (0, "")
    assert "4 cases" in said.out
    assert "all equal" in said.out


def test_modes_and_json(tinycl, folder: Path) -> None:
    for mode, runs in (("checked", 4), ("lean", 4), ("both", 8)):
        said = tinycl("run", "--golden", folder, "--mode", mode, "--json", *CASES)
        report = json.loads(said.out)
        assert (said.code, report["exit_code"], report["cases"], report["runs"]) == (0, 0, 4, runs)
        assert (report["target"], report["findings"]) == ("numpy", [])


def test_a_flipped_bit_is_told_in_full(tinycl, folder: Path) -> None:
    right, wrong = flip(folder / f"{CONV}.h5", "output/y", (1, 2, 3, 0))
    said = tinycl("run", "--golden", folder, *CASES)
    assert (said.code, said.err) == (1, "")
    for part in (CONV, "output/y", "n=1 co=2 ho=3 wo=0", right, wrong, "1\n", "digest"):
        assert part.strip() in said.out
    assert "the golden was altered" in said.out
    report = json.loads(tinycl("run", "--golden", folder, "--json", CONV).out)
    finding = report["findings"][-1]
    assert finding["altered"] is True
    assert finding["difference"]["first"]["index"] == [1, 2, 3, 0]
    assert finding["difference"]["first"]["expected_hex"] == wrong
    assert finding["difference"]["first"]["ulp"] == 1 << 22


def test_a_bit_flipped_on_disk_is_told(tinycl, folder: Path) -> None:
    path = folder / f"{CONV}.h5"
    with h5py.File(path) as stored:
        place = stored["output/y"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[place + 5] ^= 4
    path.write_bytes(content)
    said = tinycl("run", "--golden", folder, CONV)
    assert said.code == 1
    assert "n=0 co=0 ho=0 wo=1" in said.out


def test_an_altered_input_is_not_run(tinycl, folder: Path) -> None:
    flip(folder / f"{CONV}.h5", "input/w", (0, 0, 0, 0))
    said = tinycl("run", "--golden", folder, CONV)
    assert said.code == 1
    assert "the golden itself was altered: input/w" in said.out
    assert "not run" in said.out


def test_an_unreadable_file_is_2(tinycl, folder: Path) -> None:
    path = folder / f"{CONV}.h5"
    path.write_bytes(path.read_bytes()[:2000])
    said = tinycl("run", "--golden", folder, *CASES)
    assert said.code == 2
    assert str(path) in said.out
    assert "cut short" in said.out
    assert "3 cases" in said.out


def test_a_renamed_file_is_2(tinycl, folder: Path) -> None:
    (folder / "sgd/bare_plain.h5").replace(folder / "sgd/bare_hard.h5")
    said = tinycl("run", "--golden", folder, "sgd/bare_hard")
    assert said.code == 2
    assert "holds the case sgd/bare_plain" in said.out


def test_missing_and_unused_files_are_1(tinycl, folder: Path) -> None:
    (folder / "sgd/bare_hard.h5").unlink()
    said = tinycl("run", "--golden", folder, *CASES)
    assert said.code == 1
    assert "sgd/bare_hard: no golden file" in said.out
    (folder / "stray.h5").write_bytes(b"")
    said = tinycl("run", "--golden", folder, "--json")
    report = json.loads(said.out)
    assert (said.code, report["unused"]) == (1, ["stray"])
    assert len(report["missing"]) > 200


def test_wrong_names_are_2(tinycl, folder: Path) -> None:
    said = tinycl("run", "--golden", folder / "none", CONV)
    assert said.code == 2
    assert "no such folder" in said.err
    assert "no case matches 'nothing*'" in tinycl("run", "--golden", folder, "nothing*").err
    assert "does not exist" in tinycl("run", "--golden", folder, "--target", "fpga", CONV).err
    assert tinycl("run", "--golden", folder, "--cores", "3", CONV).code == 2


def test_a_missing_target_is_3(tinycl, folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(NumpyTarget, "available", lambda self: "install something")
    said = tinycl("run", "--golden", folder, "--target", "numpy", CONV)
    assert (said.code, said.out) == (3, "")
    assert "install something" in said.err


def test_cores() -> None:
    assert cores("1,3,8") == (1, 3, 8)
    for text in ("", "0", "1,,2", "x", "-1"):
        with pytest.raises(Exception, match="not a list of cores"):
            cores(text)


RELU = """
void tinycl_relu_forward(const float *x, float *y, int32_t count, int core, int cores)
{
    for (int32_t i = core; i < count; i += cores)
        y[i] = x[i] > 0.0f || x[i] != x[i] ? x[i] : ZERO;
}
"""


@pytest.fixture
def relu(tmp_path: Path) -> Path:
    """Return a file with a kernel that is right."""
    if HostTarget().available() is not None:
        pytest.skip("target host is not available")
    path = tmp_path / "my relu.c"
    path.write_text(RELU.replace("ZERO", "0.0f"))
    return path


def test_own_kernels_run_the_cases_that_call_them(tinycl, relu: Path) -> None:
    said = tinycl("run", "--target", "host", "--cores", "1,3", "--kernels", relu)
    assert (said.code, said.err) == (0, "")
    assert f"own kernels: tinycl_relu_forward ({relu})" in said.out
    assert f" of {len(catalogue())} cases call them" in said.out
    assert "all equal (own tinycl_relu_forward)" in said.out
    report = json.loads(tinycl("run", "--target", "host", "--json", "--kernels", relu).out)
    assert report["kernels"] == {"tinycl_relu_forward": str(relu)}
    chosen, of = report["calling"]
    assert (report["cases"], of) == (chosen, len(catalogue()))
    assert 3 < chosen < 100
    assert report["exit_code"] == 0


def test_a_wrong_own_kernel_is_1(tinycl, relu: Path) -> None:
    relu.write_text(RELU.replace("ZERO", "-0.0f"))
    said = tinycl("run", "relu_forward/*", "add/*", "--target", "host", "--kernels", relu)
    assert (said.code, said.err) == (1, "")
    for part in ("relu_forward/row_plain", "output/y", "00000000 0.0", "80000000 -0.0"):
        assert part in said.out
    asked = len([n for n in catalogue() if n.startswith(("relu_forward/", "add/"))])
    assert f"3 of {asked} cases call them" in said.out
    assert f"{asked} cases, " in said.out, "cases asked for all run"
    assert "tensors differ (own tinycl_relu_forward)" in said.out


def test_own_kernels_that_hang_are_given_up(tinycl, relu: Path) -> None:
    relu.write_text("#define ZERO (loop(), 0.0f)\nstatic void loop(void) { for (;;); }\n" + RELU)
    arguments = ("--target", "host", "--timeout", "0.3", "--json", "--kernels", relu)
    said = tinycl("run", *arguments)
    report = json.loads(said.out)
    assert (said.code, len(report["failed"])) == (2, 3)
    assert len(report["given_up"]) == report["calling"][0] - report["cases"] > 0


def test_own_kernels_without_a_case_are_2(tinycl, relu: Path) -> None:
    said = tinycl("run", "sgd/*", "--target", "host", "--kernels", relu)
    assert (said.code, said.out) == (2, "")
    assert "cases calls tinycl_relu_forward; name no cases" in said.err


def test_warnings_about_own_kernels_are_shown(tinycl, relu: Path) -> None:
    relu.write_text(relu.read_text().replace("{\n", "{\n    int nothing;\n", 1))
    said = tinycl("run", "relu_forward/*", "--target", "host", "--kernels", relu)
    assert said.code == 0
    assert f"{relu}:4:9: warning: unused variable" in said.err


def test_files_that_are_no_kernels_are_2(tinycl, relu: Path, tmp_path: Path) -> None:
    for arguments, told in (
        ((relu, "conv2d*"), "'conv2d*' is not a C source (.c); the names of cases go before"),
        ((tmp_path / "gone.c",), "gone.c does not exist"),
        ((relu, relu), "is given twice"),
    ):
        said = tinycl("run", "--target", "host", "--kernels", *arguments)
        assert (said.code, said.out) == (2, "")
        assert told in said.err
    said = tinycl("run", "--kernels", relu)
    assert said.code == 2
    assert "target numpy does not run C; choose from host, qemu" in said.err
    assert tinycl("run", "--target", "host", "--kernels").code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--target", "host", "--local", "both"), "--local both belongs to a profile"),
        (("--target", "numpy", "--local", "all"), "target numpy does not run C"),
        (("--target", "host", "--local", "-1"), "'-1' is not all, none, both or a number"),
        (("--target", "host", "--local", "64k"), "'64k' is not all, none, both or a number"),
        (("--target", "host", "--local", "4294967296"), "is not all, none, both or a number"),
    ],
)
def test_odd_places_are_2(tinycl, arguments, told) -> None:
    said = tinycl("run", *arguments, "sgd/bare_*")
    assert (said.code, said.out) == (2, "")
    assert told in said.err


@pytest.mark.parametrize("place", ["none", "all", "0", "500"])
def test_tiles_have_the_same_bits(tinycl, folder, place) -> None:
    said = tinycl("run", "--target", "host", "--golden", folder, "--local", place, CONV)
    assert said.code == 0, said.out + said.err


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            found += [int(stat.parent.name)] if int(fields[1]) == pid else []
    return found


def test_sigterm_ends_the_runner_too(folder, tmp_path: Path) -> None:
    hangs = tmp_path / "hangs.c"
    hangs.write_text(
        "void tinycl_conv2d_forward(const float *x, const float *w, const float *bias, float *y,"
        "const struct tinycl_conv2d_shape *s, int core, int cores)"
        "{ volatile int on = 1; while (on) continue; }"
    )
    command = (*("-m", "tinycl", "run", "--target", "host", "--golden", folder, CONV), "--kernels")
    process = subprocess.Popen([sys.executable, *map(str, command), hangs])
    deadline = time.monotonic() + 60
    runners: list[int] = []
    while not any("tinycl-host" in line(pid) for pid in runners):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
        runners = children(process.pid)
    process.terminate()
    assert process.wait(20) == 143
    assert not any("tinycl-host" in line(pid) for pid in runners)


def line(pid: int) -> str:
    """Return a process's command line; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@pytest.mark.parametrize("text", ["nan", "inf", "1e300", "0", "-1", "soon"])
def test_an_odd_time_limit_is_2(tinycl, text) -> None:
    said = tinycl("run", f"--timeout={text}", CONV)
    assert (said.code, said.out) == (2, "")
    assert "is not a number of seconds above 0" in said.err
