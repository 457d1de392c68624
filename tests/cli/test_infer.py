"""`tinycl infer`, and what `tinycl diff` says of the reason."""

import json
from pathlib import Path

import numpy as np
import pytest

from tinycl.contract import Contract
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import seal
from tinycl.golden.store import write
from tinycl.target.registry import run

NAME = "conv2d_forward/stride2_plain"
NET = "training/convolution_adam_plain"


def dump(path: Path, name: str, contract: str, spoil=lambda tensors: None) -> Path:
    """Write what a kernel with another contract, or with a fault, would have left."""
    golden = make(catalogue()[name])
    result = run(golden.plan, golden.inputs, contract=Contract.parse(contract)).tensors()
    spoil(result)
    write(path, seal(name, golden.plan, golden.inputs, result, golden.contract, golden.seed))
    return path


def drop(tensors):
    """Lose a part of one element of a convolution's output."""
    for name, value in tensors.items():
        if name.endswith("/y"):
            value.ravel()[3] *= np.float32(0.875)


def test_the_default(tinycl, folder: Path) -> None:
    said = tinycl("infer", folder / f"{NAME}.h5")
    assert said.code == 0
    assert "explained by default" in said.out


def test_another_contract(tinycl, tmp_path: Path) -> None:
    got = dump(tmp_path / "got.h5", NAME, "mac=mul_add reduction=lanes(4,left)")
    said = tinycl("infer", "--against", NAME, got)
    assert said.code == 1
    assert "mac=mul_add reduction=lanes(4,left)" in said.out
    found = json.loads(tinycl("infer", "--json", got).out)
    assert found["operations"]["main/00.conv2d_forward"]["certain"] is True
    assert found["together"]["contract"] == "mac=mul_add reduction=lanes(4,left)"


def test_no_contract(tinycl, tmp_path: Path) -> None:
    got = dump(tmp_path / "got.h5", NAME, "reduction=lanes(4,left)", drop)
    said = tinycl("infer", got)
    assert said.code == 1
    assert "no contract" in said.out
    assert "1 of " in said.out
    assert "nearest is reduction=lanes(4,left)" in said.out


def test_an_early_fault_spoils_nothing_later(tinycl, tmp_path: Path) -> None:
    def spoil(tensors):
        name = next(n for n in tensors if "00.conv2d_forward" in n)
        tensors[name].ravel()[5] = 3.5  # which ReLU6 lets through

    got = dump(tmp_path / "got.h5", NET, "default", spoil)
    found = json.loads(tinycl("infer", "--json", got).out)["operations"]
    assert found.pop("train/00.conv2d_forward")["contract"] is None
    relu = found.pop("train/01.relu6_forward")  # it read what the fault left
    assert relu["contract"] is None
    assert {f["contract"] for f in found.values()} == {"default"}


def test_a_whole_net_keeps_one_contract(tinycl, tmp_path: Path) -> None:
    got = dump(tmp_path / "got.h5", NET, "mac=mul_add reduction=split(2)")
    write(tmp_path / "golden.h5", make(catalogue()[NET]))
    found = json.loads(tinycl("infer", "--json", got).out)
    assert found["together"]["contract"] == "mac=mul_add reduction=split(2)"
    said = tinycl("diff", tmp_path / "golden.h5", got)
    assert said.code == 1
    assert "together: every bit is explained by mac=mul_add reduction=split(2)" in said.out
    assert "only their inputs differ: train/01.relu6_forward" in said.out


def test_diff_names_the_contract_or_none(tinycl, tmp_path: Path) -> None:
    golden = tmp_path / "golden.h5"
    write(golden, make(catalogue()[NAME]))
    lanes = dump(tmp_path / "lanes.h5", NAME, "reduction=lanes(2,left)")
    said = tinycl("diff", golden, lanes)
    assert "every bit is explained by reduction=lanes(2,left)" in said.out
    assert "explained" not in tinycl("diff", "--no-infer", golden, lanes).out
    found = json.loads(tinycl("diff", "--json", golden, lanes).out)["inferred"]
    assert found["main/00.conv2d_forward"]["cause"] == "contract"
    fault = dump(tmp_path / "fault.h5", NAME, "default", drop)
    said = tinycl("diff", golden, fault)
    assert "no contract explains it: 1 of" in said.out
    assert "first at conv2d_forward y n=0 co=0 ho=" in said.out


def test_a_target(tinycl) -> None:
    said = tinycl("infer", "--target", "numba", "linear_forward/prime_*", "mac/*")
    assert said.code == 0
    assert "linear_forward" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "takes one GOT.h5"),
        (["a.h5", "b.h5", "c.h5"], "takes one GOT.h5"),
        (["a.h5", "b.h5"], "no such file"),
        (["--probe", "a.h5"], "takes LIB.so"),
        (["--cores", "0", "none.h5"], "above 0"),
        (["none.h5"], "no such file"),
        (["--target", "numba", "--against", NAME], "goes with a file"),
        (["--target", "nowhere"], "does not exist"),
        (["--target", "numpy", "no_such_case"], "no case matches"),
        (["--seconds", "0", "none.h5"], "above 0"),
    ],
)
def test_wrong_usage(tinycl, arguments, message) -> None:
    said = tinycl("infer", *arguments)
    assert said.code == 2
    assert message in said.err


def test_different_plans(tinycl, folder: Path) -> None:
    said = tinycl("infer", "--against", "sgd/bare_plain", folder / f"{NAME}.h5")
    assert said.code == 2
    assert "different plans" in said.err
