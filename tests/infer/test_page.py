"""The commands of the guide run, and name the contract that is there to be found."""

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

import tinycl
from tests.cli.test_infer_dump import dump
from tinycl.cli.main import main
from tinycl.contract import Contract
from tinycl.golden.catalogue import catalogue
from tinycl.golden.layout import to_layout
from tinycl.golden.make import make
from tinycl.golden.schema import seal
from tinycl.golden.store import write
from tinycl.target.registry import run
from tinycl.validate import compile_kernels

ROOM = Path(tinycl.__file__).parent
PAGE = (ROOM / "infer" / "README.md").read_text()
COMMANDS = re.findall(r"^    tinycl (infer .*?)(?: *#.*)?$", PAGE, re.MULTILINE)
REFERENCE = ROOM.parent / "c_ref" / "src" / "conv2d_forward.c"
LANES = Path(__file__).parents[1] / "validate" / "zoo" / "four_lanes.c"


@pytest.fixture
def desk(tmp_path, monkeypatch) -> None:
    """Put all files there of which the guide speaks; results are in four lanes."""
    golden = make(catalogue()["conv2d_forward/typical_plain"])
    drawn = Contract(reduction="lanes(4,left)")
    got = run(golden.plan, golden.inputs, contract=drawn).tensors()
    monkeypatch.chdir(tmp_path)
    write(Path("golden.h5"), golden)
    sealed = seal(golden.name, golden.plan, golden.inputs, got, golden.contract, golden.seed)
    write(Path("got.h5"), sealed)
    dump(Path("uart.log"), {"y": got["output/y"]})
    np.savez("got.npz", **{"output/y": to_layout(got["output/y"], "hwc", 0)})
    shutil.copy(REFERENCE, "my_conv.c")
    shutil.copy(compile_kernels([str(LANES)]), "my.so")


def test_all_commands(desk, capsys) -> None:
    told = [c for c in COMMANDS if "--target" not in c]
    assert len(told) == 8
    for command in told:
        code = main(shlex.split(command))
        said = capsys.readouterr().out
        assert code == (0 if "my_conv.c" in command else 1), command
        assert ("default" if "my_conv.c" in command else "reduction=lanes(4,left)") in said, command
