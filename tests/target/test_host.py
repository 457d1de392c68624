"""The C reference on this machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinycl.bits import equal
from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ContractError, EnvironmentFault, TargetError, TargetMissing
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.target.build import Recipe, build, find_compiler
from tinycl.target.host import HostTarget
from tinycl.target.numpy_target import NumpyTarget

from runs import Work, same  # isort: skip

ADDRESS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
TRAP = ("-fsanitize=undefined", "-fsanitize-trap=all")  # needs no runtime library


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("cores", [1, 3, 8, 16])
def test_training_equals_the_specification(
    host: HostTarget, training: Work, cores: int, checked: bool
) -> None:
    same(host, training, cores=cores, checked=checked)


def test_eight_mebibytes_each_way(host: HostTarget, large: Work) -> None:
    same(host, large, cores=2)


def test_a_nan_leaves_as_one_pattern(host: HostTarget) -> None:
    tensors = [Tensor("a", (2,), "f32", "input"), Tensor("y", (2,))]
    body = Body("all", (Op("sub", ("a", "a"), ("y",)),), (), ("y",))
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 1),), ("y",))
    result = host.run(plan, {"a": np.array([np.inf, -np.inf], np.float32)})
    for value in result.tensors().values():
        assert set(value.view(np.uint32).ravel().tolist()) == {0x7FC00000}


def test_a_body_that_never_runs_has_an_empty_record(host: HostTarget, training: Work) -> None:
    plan, inputs = training
    plan = replace(plan, schedule=(Run("setup", 1), Run("train", 0)), outputs=("w",))
    inputs = {k: v[:0] if k in plan.streamed else v for k, v in inputs.items()}
    same(host, (plan, inputs))
    assert host.run(plan, inputs).records["train/mean_loss"].shape == (0,)


@pytest.mark.parametrize(
    ("compiler", "optimise", "native", "flags"),
    [
        ("gcc", "-O1", False, ADDRESS),
        ("clang", "-O1", True, TRAP),
    ],
)
def test_sanitizers_find_nothing(
    training: Work, compiler: str, optimise: str, native: bool, flags: tuple[str, ...]
) -> None:
    recipe = Recipe("host", compiler, optimise, native, ("-Werror", *flags))
    try:
        find_compiler(recipe)
    except TargetMissing as error:
        pytest.skip(str(error))
    target = HostTarget(recipe)
    same(target, training, cores=4)
    target.close()


def test_flush_to_zero_is_noticed(training: Work) -> None:
    recipe = Recipe("host", "gcc", flags=("-funsafe-math-optimizations",))
    if platform.machine() != "x86_64" or HostTarget(recipe).available() is not None:
        pytest.skip("needs gcc on x86-64, where this option turns flush-to-zero on at the start")
    plan, inputs = training
    with pytest.raises(EnvironmentFault, match=r"host: floating point: core 0 .*subnormal"):
        HostTarget(recipe).run(plan, inputs, cores=2)


def test_a_compiler_error_is_told(training: Work, tmp_path: Path) -> None:
    plan, inputs = training
    source = tmp_path / "wrong.c"
    source.write_text("int runner_serve(void) { return nothing; }\n")
    target = HostTarget(Recipe("host", sources=(str(source),)))
    with pytest.raises(TargetError, match=r"cannot build(.|\n)*wrong.c:1:.*error.*nothing"):
        target.run(plan, inputs)


def test_a_compiler_that_is_not_there_is_missing() -> None:
    target = HostTarget(Recipe("host", "no-such-compiler"))
    assert "no-such-compiler is not there; install" in (target.available() or "")


def test_sources_that_are_not_there_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TINYCL_C_REF", str(tmp_path))
    assert "set TINYCL_C_REF" in (HostTarget().available() or "")


def test_a_cache_that_cannot_be_written_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINYCL_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(TargetError, match="set TINYCL_CACHE"):
        build(Recipe("host"))


def test_builds_at_the_same_time_give_one_program(tmp_path: Path) -> None:
    source = tmp_path / "empty.c"
    source.write_text("int runner_serve(void) { return 0; }\n")
    code = (
        "import sys; from tinycl.target.build import Recipe, build\n"
        "print(build(Recipe('host', sources=(sys.argv[1],))))"
    )
    environment = {**os.environ, "TINYCL_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", code, str(source)]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert len({process.communicate()[0] for process in running}) == 1
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(list((tmp_path / "cache").glob("*-tinycl-host"))) == 1


def test_threads_of_this_process_take_turns(host: HostTarget, training: Work) -> None:
    plan, inputs = training
    wanted = NumpyTarget().run(plan, inputs, checked=False).outputs["w"]
    got: list[bool] = []

    def work() -> None:
        for _ in range(20):
            got.append(equal(host.run(plan, inputs, checked=False).outputs["w"], wanted))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [True] * 80


def test_what_it_cannot_do_is_refused(host: HostTarget, training: Work) -> None:
    plan, inputs = training
    with pytest.raises(TargetError, match="1 to 16 cores, got 17"):
        host.run(plan, inputs, cores=17)
    told = "default contract only, with either selection_order; run another one on"
    for contract in (
        DEFAULT.but(mac="mul_add"),
        Contract(selection_order="heap", batch="per_sample"),
    ):
        with pytest.raises(ContractError, match=told):
            host.run(plan, inputs, contract=contract)
