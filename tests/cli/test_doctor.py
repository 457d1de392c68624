"""`tinycl doctor`: what is here, and what is not."""

import json
import re

import pytest

from tinycl.cli import doctor
from tinycl.errors import EnvironmentFault
from tinycl.target.numpy_target import NumpyTarget


def test_json(tinycl) -> None:
    said = tinycl("doctor", "--json")
    found = json.loads(said.out)
    assert (said.code, found["floating_point"]) == (0, "ok")
    assert set(found["targets"]) == {"numpy", "numba", "host", "qemu", "gvsoc"}
    assert found["targets"]["numpy"] == "ok"
    assert found["processor"]["count"] >= 1
    assert found["packages"]["numpy"][0].isdigit()


def test_table(tinycl) -> None:
    said = tinycl("doctor")
    assert said.code == 0
    for word in ("target host", "floating point", "HDF5", "qemu-system-riscv32"):
        assert word in said.out


def test_what_is_missing_is_told(tinycl, monkeypatch) -> None:
    monkeypatch.setattr(NumpyTarget, "available", lambda self: "install the moon")
    monkeypatch.setenv("PATH", "/nowhere")
    said = tinycl("doctor")
    assert said.code == 0
    assert "install the moon" in said.out
    assert "not found" in said.out


def test_a_simulator_that_is_not_there_is_no_failure(tinycl, monkeypatch) -> None:
    monkeypatch.setenv("TINYCL_GVSOC", "/nowhere/gvsoc")
    said = tinycl("doctor", "--json")
    assert said.code == 0
    told = json.loads(said.out)["targets"]["gvsoc"]
    assert told.startswith("optional: TINYCL_GVSOC is /nowhere/gvsoc, which is not there; build")
    assert [doctor._style(t) for t in (told, "ok", "ok, mac=fma", "okay", "x")] == [
        *("yellow", "green", "green", "red", "red")
    ]


@pytest.mark.gvsoc
def test_a_simulator_says_what_its_arithmetic_is(tinycl) -> None:
    told = json.loads(tinycl("doctor", "--json").out)["targets"]["gvsoc"]
    assert re.fullmatch(r"ok, mac=fma(_via_double)?, revision \S+", told)


def test_wrong_floating_point_is_an_error(tinycl, monkeypatch) -> None:
    def fault() -> None:
        raise EnvironmentFault("this thread turns subnormal numbers into zeros")

    monkeypatch.setattr("tinycl.num.environment.check_environment", fault)
    said = tinycl("doctor")
    assert said.code == 2
    assert "into zeros" in said.out
    assert doctor.floating_point() != "ok"
