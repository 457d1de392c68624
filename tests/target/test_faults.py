"""Programs that hang, crash, or answer nonsense, on every C target."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tinycl.contract import DEFAULT
from tinycl.errors import TargetError
from tinycl.target.build import Recipe
from tinycl.target.c_target import CTarget
from tinycl.target.gvsoc import GvsocTarget
from tinycl.target.host import HostTarget
from tinycl.target.qemu import QemuTarget

from conftest import need  # isort: skip
from runs import Work, same  # isort: skip

PROGRAM = """
#include "platform.h"
#include "runner.h"
static const uint32_t magic = 0x524c4354, chunk[5] = { 1, 0, 0, 6, 3 };
static void nothing(void *arg, int core, int cores) { (void)arg, (void)core, (void)cores; }
static void spin(void *arg, int core, int cores)
{
    volatile int *forever = arg;
    while (core == cores - 1 && *forever)
        continue;
}
int runner_serve(void)
{
    uint32_t head[6];
    volatile uintptr_t nowhere = NOWHERE;
    volatile int forever = 1;
    (void)magic, (void)chunk, (void)nowhere, (void)forever, (void)spin;
    platform_read(head, sizeof head);
    platform_fork(nothing, 0, 2);
    platform_log("about to fail");
    BODY
    return 0;
}
"""
Make = Callable[[str], CTarget]


TARGETS = {"host": HostTarget, "qemu": QemuTarget, "pulp": GvsocTarget}
NOWHERE = {"host": "8", "qemu": "8", "pulp": "0x90000000u"}  # the cluster has L1 at 0, too
CRASH = {
    "host": "host: the runner was ended by SIGSEGV after 0 bytes of the reply",
    "qemu": "hart 0: store access fault (cause 7) at pc 8",
    "gvsoc": "pe0/lsu",
}
SHORT = {"host": 1.0, "qemu": 1.0, "gvsoc": 5.0}  # seconds in which a program has begun
STATUS = {"host": "with status 3", "qemu": "with status 3", "gvsoc": "(exitcode: 3)"}


@pytest.fixture(params=["host", "qemu", pytest.param("pulp", marks=pytest.mark.gvsoc)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Return a target whose runner is PROGRAM with this in the place of BODY."""

    def target(body: str) -> CTarget:
        source = tmp_path / "fault.c"
        text = PROGRAM.replace("BODY", body).replace("NOWHERE", NOWHERE[request.param])
        source.write_text(text)
        recipe = Recipe(request.param, sources=(str(source),))
        made: CTarget = TARGETS[request.param](recipe)
        need(made)
        return made

    return target


def fail(target: CTarget, work: Work, limit: float = 30.0) -> str:
    with pytest.raises(TargetError) as caught:
        target.run(*work, contract=target.spoken(DEFAULT), timeout=limit)
    return str(caught.value)


@pytest.mark.parametrize(
    "body", ["while (forever) continue;", "platform_fork(spin, (void *)&forever, 2);"]
)
def test_a_hang_is_ended(make: Make, training: Work, body: str) -> None:
    target = make(body)
    target.command()
    start, limit = time.monotonic(), SHORT[target.name]
    said = fail(target, training, limit)
    assert time.monotonic() - start < 10
    assert f"{target.name}: no complete reply within {limit:g} s (0 bytes came)" in said
    assert "Give a larger timeout" in said
    assert "| about to fail" in said


def test_a_runner_that_reads_nothing_is_ended(make: Make, large: Work) -> None:
    said = fail(make("while (forever) continue;"), large, 1.0)
    assert "no complete reply within 1 s" in said


def test_a_crash_is_told(make: Make, training: Work) -> None:
    target = make("*(volatile int *)nowhere = 1;")
    said = fail(target, training)
    assert CRASH[target.name] in said
    if target.name == "qemu":
        assert "qemu: the runner ended with status 2 after 0 bytes of the reply" in said
        assert "address 00000008" in said
    if target.name == "gvsoc":
        assert "Invalid access (pc: 0x1c" in said
        assert "offset: 0x90000000, size: 0x4, is_write: 1)" in said
    assert "| about to fail" in said


def test_an_exit_status_is_told(make: Make, training: Work) -> None:
    target = make("return 3;")
    said = fail(target, training)
    assert "after 0 bytes of the reply" in said
    assert STATUS[target.name] in said


def test_a_truncated_reply_is_told(make: Make, training: Work) -> None:
    target = make("platform_write(&magic, 4); platform_write(chunk, 10);")
    assert "ended with status 0 after 14 bytes of the reply" in fail(target, training)


def test_a_reply_that_stops_is_a_hang(make: Make, training: Work) -> None:
    target = make("platform_write(&magic, 4); while (forever) continue;")
    limit = SHORT[target.name]
    assert f"within {limit:g} s (4 bytes came)" in fail(target, training, limit)


def test_a_corrupt_reply_is_told(make: Make, training: Work) -> None:
    target = make('platform_write("hello, world", 12); while (forever) continue;')
    assert "the reply is damaged: it begins with 6c6c6568" in fail(target, training)
    target = make("platform_write(&magic, 4); platform_write(chunk, 20); while (forever) continue;")
    assert "the reply is damaged: chunk 0 is Chunk(tag=1, step=0" in fail(target, training)


def test_the_next_run_starts_again(host: HostTarget, training: Work) -> None:
    for _ in range(2):
        same(host, training)
        process = host._session._process
        assert process is not None
        process.kill()
        process.wait()
    same(host, training)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("checked", [True, False])
def test_a_forked_process_starts_its_own_runner(
    host: HostTarget, training: Work, checked: bool
) -> None:
    same(host, training, checked=checked)
    child = os.fork()
    if child == 0:
        try:
            same(host, training, checked=checked)
            os._exit(0)
        finally:
            os._exit(1)
    same(host, training, checked=checked)
    assert os.waitpid(child, 0)[1] == 0
