"""Finding the simulator, and simulators and programs that fail, hang or answer nonsense."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tinycl.contract import DEFAULT
from tinycl.errors import TargetError, TargetMissing
from tinycl.target.build import Recipe, missing
from tinycl.target.gvsoc import GvsocTarget
from tinycl.target.simulator import find_simulator, revision

from runs import Work, same  # isort: skip


def script(path: Path, body: str = "exit 0") -> Path:
    """Write an executable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def named(monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    monkeypatch.setenv("TINYCL_GVSOC", str(value))


@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_without_a_name_the_path_is_searched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None
) -> None:
    monkeypatch.delenv("TINYCL_GVSOC", raising=False)
    if value is not None:
        named(monkeypatch, value)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TargetMissing, match="not on PATH and TINYCL_GVSOC is not set; build"):
        find_simulator()
    assert "set TINYCL_GVSOC to it" in (GvsocTarget().available() or "")
    found = script(tmp_path / "gvsoc")
    assert find_simulator() == found


@pytest.mark.parametrize("place", ["gvsoc", "bin/gvsoc", "install/bin/gvsoc"])
def test_a_file_or_a_folder_may_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    found = script(tmp_path / place)
    for value in (found, found.parent, tmp_path):
        named(monkeypatch, value)
        assert find_simulator() == found


def test_a_name_that_leads_nowhere_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script(tmp_path / "other" / "gvsoc")
    monkeypatch.setenv("PATH", str(tmp_path / "other"))  # a wrong name is never passed over
    file = tmp_path / "file"
    file.touch()
    for value, told in (
        (tmp_path / "nothing", "nothing, which is not there"),
        (tmp_path, "a folder without gvsoc, bin/gvsoc"),
        (file, "file is not executable"),
        (os.devnull, "which is not there"),
    ):
        named(monkeypatch, value)
        with pytest.raises(TargetMissing, match=told):
            find_simulator()
        assert told in (GvsocTarget().available() or "")
        with pytest.raises(TargetMissing, match="gvsoc: TINYCL_GVSOC is"):
            GvsocTarget().spoken(DEFAULT)


def test_a_revision_is_that_of_the_work_tree_or_of_the_programs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    found = script(tmp_path / "bin" / "gvsoc")
    told = [revision(found)]
    for name in ("bin/gvsoc_launcher", "lib/libpulpvp.so"):
        script(tmp_path / name, f"exec {name}")
        told.append(revision(found))
    assert [t.rpartition(":")[0] for t in told] == ["script sha256", "sha256", "sha256"]
    assert len(set(told)) == 3
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "a"), ("tag", "v7")):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True, capture_output=True)
    assert revision(found) == "v7" or len(revision(found)) >= 7
    (tmp_path / "bin" / "gvsoc").write_text("changed")
    assert revision(found).endswith("-dirty")


Fake = Callable[[str], GvsocTarget]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fake:
    """Return a target with a shell script in the place of the simulator."""
    reason = missing(Recipe("pulp"))
    if reason is not None:
        pytest.skip(f"the program for the PULP cluster cannot be built: {reason}")

    def target(body: str) -> GvsocTarget:
        named(monkeypatch, script(tmp_path / "gvsoc", body))
        return GvsocTarget()

    return target


def fail(target: GvsocTarget, work: Work, limit: float = 30.0) -> str:
    with pytest.raises(TargetError) as caught:
        target.execute(*work, timeout=limit)
    target.close()
    return str(caught.value)


def test_a_simulator_that_never_answers_is_ended_with_its_children(
    fake: Fake, training: Work, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    target = fake(f"echo $$ > {pids}; sh -c 'echo $$ >> {pids}; sleep 1000; :'; exit 1")
    assert "no complete reply within 1 s (0 bytes came)" in fail(target, training, 1.0)
    assert gone(pids) == [True, True]


def gone(pids: Path) -> list[bool]:
    """Tell of each process whether it has ended, or does so within 2 s; a zombie has."""
    deadline = time.monotonic() + 2

    def ended(pid: str) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    numbers = pids.read_text().split()
    while time.monotonic() < deadline and not all(map(ended, numbers)):
        time.sleep(0.02)
    return [ended(pid) for pid in numbers]


def test_a_child_of_a_simulator_that_died_is_ended(
    fake: Fake, training: Work, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    target = fake(f"sleep 1000 3>&- <&- & echo $! > {pids}; echo 'no board' >&2; exit 1")
    said = fail(target, training)
    assert "gvsoc: the runner ended with status 1 after 0 bytes of the reply" in said
    assert "| no board" in said
    assert gone(pids) == [True]


@pytest.mark.parametrize("to", ["1", "2"])
def test_messages_of_the_simulator_are_no_reply(fake: Fake, training: Work, to: str) -> None:
    said = fail(fake(f"printf '\\033[31mwarning\\033[0m: hello\\n' >&{to}; exit 1"), training)
    assert "after 0 bytes of the reply" in said
    assert "| warning: hello" in said


def test_garbage_on_the_reply_channel_is_told(fake: Fake, training: Work) -> None:
    said = fail(fake("echo hello, world >&3; sleep 1000"), training)
    assert "the reply is damaged: it begins with 6c6c6568" in said


def test_the_command_has_a_folder_of_its_own_that_is_removed(fake: Fake, training: Work) -> None:
    target = fake("for word in $@; do echo $word >&2; done; exit 1")
    folder = Path(target._scratch.folder())
    said = fail(target, training)
    assert f"--work-dir={folder}" in said
    assert "--target=tinycl_pulp" in said
    assert not folder.exists()


def test_a_simulator_that_does_not_start_is_told_by_the_probe(fake: Fake) -> None:
    with pytest.raises(TargetError, match=r"(?s)No module named.*the python3 that comes first"):
        fake("echo 'ModuleNotFoundError: No module named x' >&2; exit 1").mac()


def test_a_compiler_that_does_not_do_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing = script(tmp_path / "clang-19", "exit 1")
    assert f"{refusing} has no Zfinx" in (missing(Recipe("pulp", str(refusing))) or "")
    lonely = script(tmp_path / "clang", "echo ld.lld-that-is-nowhere")
    assert "no lld beside it; install clang 17" in (missing(Recipe("pulp", str(lonely))) or "")
    assert "is not there; install clang" in (missing(Recipe("pulp", "no-such-clang")) or "")
    monkeypatch.setenv("PULP_CC", str(refusing))
    assert f"{refusing} has no Zfinx" in (missing(Recipe("pulp")) or "")


FAULT = """
#include "platform.h"
#include "runner.h"
static void fault(void *arg, int core, int cores)
{
    (void)arg;
    if (core == cores - 1) {
        BODY
    }
}
int runner_serve(void)
{
    platform_fork(fault, 0, 4);
    return 0;
}
"""


@pytest.fixture
def faulty(gvsoc: GvsocTarget, tmp_path: Path) -> Fake:
    """Return a target on whose core 3 a fork runs this."""

    def target(body: str) -> GvsocTarget:
        source = tmp_path / "fault.c"
        source.write_text(FAULT.replace("BODY", body))
        return GvsocTarget(Recipe("pulp", sources=(str(source),)))

    return target


@pytest.mark.gvsoc
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('__asm__ volatile(".word 0xffffffff");', r"core 3: exception at pc 1c\w+, .* ffffffff"),
        ('__asm__ volatile("ebreak");', r"core 3: exception at pc 1c\w+, instruction \w{4}9002"),
        ("*(volatile int *)0x90000000u;", r"pe3/lsu .*Invalid access \(pc: 0x1c\w+, offset: 0x9"),
        ("((void (*)(void))0x90000000u)();", r"pe3/prefetcher .*Invalid fetch request"),
    ],
    ids=["illegal instruction", "ebreak", "load", "jump"],
)
def test_a_fault_on_any_core_is_told(faulty: Fake, training: Work, body: str, told: str) -> None:
    said = fail(faulty(body), training)
    assert "after 0 bytes of the reply" in said
    assert re.search(told, said)


def running(folder: str) -> list[str]:
    """Return the names of the processes that work in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").readlink()).startswith(folder):
                found.append((process / "comm").read_text().strip())
        except OSError:
            continue
    return found


def ended(folder: str) -> bool:
    """Tell whether all processes in this folder end within 2 s; it is removed with them."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and running(folder):
        time.sleep(0.02)
    return not running(folder) and not Path(folder).exists()


@pytest.mark.gvsoc
def test_no_simulator_outlives_a_time_limit_or_its_target(faulty: Fake, training: Work) -> None:
    hanging, healthy = faulty('for (;;) __asm__ volatile("");'), GvsocTarget()
    folder = hanging._scratch.folder()
    assert "no complete reply within 2 s" in fail(hanging, training, 2.0)
    assert ended(folder)
    folder = healthy._scratch.folder()
    same(healthy, training)
    assert any(name.startswith("gvsoc_launcher") for name in running(folder))
    healthy.close()
    assert ended(folder)


@pytest.mark.gvsoc
def test_a_run_after_a_time_limit_starts_again(gvsoc: GvsocTarget, training: Work) -> None:
    with pytest.raises(TargetError, match="no complete reply within 0 s"):
        gvsoc.execute(*training, timeout=0.0)
    same(gvsoc, training)
