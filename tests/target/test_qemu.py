"""The C reference on RV32 under QEMU."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tinycl.errors import TargetError
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.target.build import Recipe, build
from tinycl.target.qemu import QemuTarget

from runs import Work, same  # isort: skip


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("cores", [1, 2, 4, 8])
def test_training_equals_the_specification(
    qemu: QemuTarget, training: Work, cores: int, checked: bool
) -> None:
    same(qemu, training, cores=cores, checked=checked)


@pytest.fixture(scope="module")
def threaded(qemu: QemuTarget) -> Iterator[QemuTarget]:
    target = QemuTarget(threads=True)
    yield target
    target.close()


@pytest.mark.parametrize("cores", [2, 8])
def test_harts_in_threads_of_their_own_give_the_same(
    threaded: QemuTarget, training: Work, cores: int
) -> None:
    same(threaded, training, cores=cores)


def test_eight_mebibytes_each_way(qemu: QemuTarget, large: Work) -> None:
    same(qemu, large, cores=2)


@pytest.mark.parametrize("kind", ["qemu", "threaded"])
def test_ten_thousand_forks_lose_none(kind: str, request: pytest.FixtureRequest) -> None:
    target: QemuTarget = request.getfixturevalue(kind)
    tensors = [Tensor("a", (16,), "f32", "state"), Tensor("b", (16,), "f32", "input")]
    body = Body("all", (Op("accumulate", ("a", "b"), ("a",)),) * 100)
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 100),), ("a",))
    inputs = {"a": np.zeros(16, np.float32), "b": np.arange(16, dtype=np.float32)}
    got = target.run(plan, inputs, checked=False, cores=8, timeout=60).outputs["a"]
    assert got.tolist() == [10000.0 * i for i in range(16)]


def test_too_little_memory_is_told(qemu: QemuTarget) -> None:
    tensors = [Tensor("a", (512, 1024, 512), "f32"), Tensor("i", (1,), "f32", "input")]
    tensors.append(Tensor("o", (1,)))
    body = Body("all", (Op("relu_forward", ("i",), ("o",)),))
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 1),), ("o",))
    inputs = {"i": np.ones(1, np.float32)}
    with pytest.raises(TargetError, match=r"the plan needs 10737\d+ bytes, there are 53\d+"):
        qemu.run(plan, inputs, timeout=20)
    smaller = replace(plan, tensors={t.name: t for t in tensors[1:]})
    assert qemu.run(smaller, inputs).outputs["o"].tolist() == [1.0]


def test_a_request_larger_than_memory_is_told(
    qemu: QemuTarget, training: Work, large: Work
) -> None:
    small = QemuTarget(memory=8)
    for _ in range(2):
        same(small, training)
        with pytest.raises(TargetError, match=r"the request has 16777\d+ bytes, there are \d{7}\b"):
            small.run(*large, timeout=20)
    small.close()


def test_a_board_with_two_harts_has_two_cores(training: Work, qemu: QemuTarget) -> None:
    class Two(QemuTarget):
        def command(self) -> list[str]:
            return ["2" if word == "8" else word for word in super().command()]

    two = Two()
    same(two, training, cores=2)
    with pytest.raises(TargetError, match="4 cores asked for; this target has 1 to 2"):
        two.run(*training, cores=4)


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "install qemu-system-riscv32" in (QemuTarget().available() or "")


def test_the_program_uses_the_fused_instruction_and_no_floating_point_library(
    qemu: QemuTarget,
) -> None:
    objdump = shutil.which("riscv64-unknown-elf-objdump")
    if objdump is None:
        pytest.skip(
            "needs riscv64-unknown-elf-objdump (Debian: apt install binutils-riscv64-unknown-elf)"
        )
    program = str(build(Recipe("qemu")))
    listing = subprocess.run([objdump, "-d", program], capture_output=True, text=True, check=True)
    assert re.search(r"\bfn?m(add|sub)\.s\b", listing.stdout)
    assert re.search(r"\bfsqrt\.s\b", listing.stdout)
    soft = re.findall(r"<(__(?:add|sub|mul|div)[sd]f3|fmaf?|sqrtf?)>:", listing.stdout)
    assert soft == []
