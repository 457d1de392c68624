"""The repository of the page is made from it, its CI job's command runs, and a bug is named."""

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
from inner import pytest_in

import tinycl
from tinycl.target import qemu, toolchain
from tinycl.target.registry import get
from tinycl.testing import plugin

PAGE = (Path(tinycl.__file__).parent / "testing" / "README.md").read_text()
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
(COMMAND,) = re.findall(r"python -m pytest (--.*)$", BLOCKS["yaml"], re.MULTILINE)
TARGETS = "host,qemu"


def repository(folder: Path, broken: bool = False) -> None:
    (folder / "kernels").mkdir()
    (folder / "tests").mkdir()
    kernel = BLOCKS["c"]
    if broken:
        assert kernel.count("fi = 0;") == 1
        kernel = kernel.replace("fi = 0;", "fi = 1;")
    (folder / "kernels" / "linear.c").write_text(kernel)
    (folder / "tests" / "test_kernels.py").write_text(BLOCKS["python"])
    (lines,) = re.findall(r"in `pytest.ini` the lines (.*):$", PAGE, re.MULTILINE)
    (folder / "pytest.ini").write_text("\n".join(re.findall(r"`([^`]*)`", lines)) + "\n")
    module = folder / "third_party" / "tinycl" / "tests" / "test_kernels.py"  # the submodule's
    module.parent.mkdir(parents=True)
    module.write_text("def test_of_the_submodule():\n    pass\n")


def command() -> list[str]:
    """Arguments of the job; where QEMU is not installed, for the host alone."""
    assert f"--tinycl-target {TARGETS} " in COMMAND
    here = [name for name in TARGETS.split(",") if get(name).available() is None]
    return shlex.split(COMMAND.replace(TARGETS, ",".join(here)))


def outcomes(folder: Path) -> dict[str, str | None]:
    """Return the message of each test in the JUnit file, None where it passed."""
    cases = ElementTree.parse(folder / "bits.xml").iter("testcase")
    found = {}
    for case in cases:
        failure = case.find("failure")
        assert case.find("error") is None
        assert case.find("skipped") is None
        found[case.attrib["name"]] = None if failure is None else failure.attrib["message"]
    return found


def test_the_job_passes(tmp_path):
    repository(tmp_path)
    ran = pytest_in(tmp_path, *command(), "--tinycl-local", "300")
    assert ran.returncode == 0, ran.stdout
    found = outcomes(tmp_path)
    assert len(found) in (4, 8)  # tests times targets times cores
    assert {"test_golden[host-1]", "test_random_training[host-3]"} <= found.keys()


def test_the_job_names_the_tensor_of_a_planted_bug(tmp_path):
    repository(tmp_path, broken=True)
    ran = pytest_in(tmp_path, *command())
    assert ran.returncode == 1, ran.stdout
    found = outcomes(tmp_path)
    (begin,) = re.findall(r"begins so: `([^`]*)`", PAGE)
    for name, message in found.items():
        assert message is not None, name
        message = message.removeprefix("AssertionError: ")
        if name.startswith("test_golden"):
            assert message.startswith(begin)
        else:
            assert re.match(r"trace/\d/train/\d\d\.linear_forward/linear0\.y: 1 of 1 ", message)
    assert "nn.Sequential(nn.Linear(1, 1))" in (tmp_path / "bits.xml").read_text()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tinycl_\w+)[(`,]", PAGE))))
def test_the_names_of_the_page_exist(name):
    assert hasattr(plugin, name) or name == "tinycl_kernels"


def test_the_job_installs_what_the_targets_ask_for():
    told = " ".join((toolchain.INSTALL["host"], toolchain.INSTALL["qemu"], qemu.INSTALL))
    packages = " ".join(re.findall(r"apt install ([^)]*)\)", told)).split()
    assert len(set(packages)) == 4
    (line,) = re.findall(r"apt-get install -y (.*)$", BLOCKS["yaml"], re.MULTILINE)
    assert set(line.split()) == set(packages)


def test_the_page_is_short():
    assert len(PAGE.splitlines()) <= 60
