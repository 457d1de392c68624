"""`tinycl doctor`: what is here, and what is not."""

import json

from tinycl.cli import doctor
from tinycl.errors import EnvironmentFault
from tinycl.target.numpy_target import NumpyTarget


def test_json(tinycl) -> None:
    said = tinycl("doctor", "--json")
    found = json.loads(said.out)
    assert (said.code, found["floating_point"]) == (0, "ok")
    assert set(found["targets"]) == {"numpy", "numba", "host", "qemu"}
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


def test_wrong_floating_point_is_an_error(tinycl, monkeypatch) -> None:
    def fault() -> None:
        raise EnvironmentFault("this thread turns subnormal numbers into zeros")

    monkeypatch.setattr("tinycl.num.environment.check_environment", fault)
    said = tinycl("doctor")
    assert said.code == 2
    assert "into zeros" in said.out
    assert doctor.floating_point() != "ok"
