"""`tinycl diff` and `tinycl infer` of a golden and a dump: what a UART gives is explained, too."""

import json
from pathlib import Path

import numpy as np
import pytest

from tinycl.bits import words
from tinycl.contract import Contract
from tinycl.golden.catalogue import catalogue
from tinycl.golden.layout import to_layout
from tinycl.golden.make import make
from tinycl.golden.store import write
from tinycl.target.registry import run

NAME = "conv2d_forward/stride2_plain"
NET = "training/convolution_adam_plain"
LANES = "mac=mul_add reduction=lanes(4,left)"


def ran(name: str, contract: str) -> dict:
    """Return every tensor of a case under a contract."""
    golden = make(catalogue()[name])
    return run(golden.plan, golden.inputs, contract=Contract.parse(contract)).tensors()


def dump(path: Path, tensors: dict) -> Path:
    """Print tensors as firmware does, with noise between the lines."""
    lines = ["[boot] 160 MHz"]
    for name, value in tensors.items():
        flat = [f"{word:08x}" for word in words(value).reshape(-1)]
        lines.append(f"{name}: {' '.join(flat[:4])}")
        lines += [" ".join(flat[i : i + 4]) for i in range(4, len(flat), 4)]
        lines.append("[INFO] temperature 25.4")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    path = tmp_path / "golden.h5"
    write(path, make(catalogue()[NAME]))
    return path


@pytest.mark.parametrize("form", ["hex", "npz", "bin", "hwc"])
def test_an_output_alone_names_the_contract(tinycl, tmp_path, golden, form) -> None:
    y = ran(NAME, LANES)["output/y"]
    options: tuple[str, ...] = ()
    if form == "hex":
        got = dump(tmp_path / "uart.log", {"y": y})
    elif form == "npz":
        got = tmp_path / "got.npz"
        np.savez(got, **{"output/y": y})
    else:
        got = tmp_path / "y.bin"
        layout = "hwc" if form == "hwc" else "chw"
        got.write_bytes(np.ascontiguousarray(to_layout(y, layout, 0)).tobytes())
        options = ("--tensor", "y", "--layout", layout)
    said = tinycl("diff", golden, got, *options)
    assert said.code == 1
    assert f"main/00.conv2d_forward: every bit is explained by {LANES}" in said.out
    found = json.loads(tinycl("diff", "--json", golden, got, *options).out)["inferred"]
    assert found["main/00.conv2d_forward"]["contract"] == LANES
    assert tinycl("diff", "--no-infer", golden, got, *options).out.count("explained") == 0
    for arguments in ((golden, got), (NAME, got), (got, "--against", golden)):
        said = tinycl("infer", *arguments, *options)
        assert said.code == 1
        assert LANES in said.out


def test_one_wrong_element_of_a_dump_is_no_contract(tinycl, tmp_path, golden) -> None:
    y = ran(NAME, LANES)["output/y"].copy()
    y.ravel()[-1] *= np.float32(0.875)
    got = dump(tmp_path / "uart.log", {"y": y})
    said = tinycl("diff", golden, got)
    place = " ".join(f"{a}={n - 1}" for a, n in zip(("n", "co", "ho", "wo"), y.shape, strict=True))
    assert f"no contract explains it: 1 of {y.size} elements remain" in said.out
    assert f"first at conv2d_forward y {place}" in said.out
    assert f"nearest is {LANES}" in said.out
    assert "no contract" in tinycl("infer", golden, got).out


def test_a_dump_of_nothing_but_nan(tinycl, tmp_path, golden) -> None:
    y = np.full_like(ran(NAME, "default")["output/y"], np.nan)
    said = tinycl("infer", golden, dump(tmp_path / "uart.log", {"y": y}))
    assert said.code == 1
    assert f"no contract explains it: {y.size} of {y.size} elements remain" in said.out


def test_equal_dumps_are_not_searched(tinycl, tmp_path, golden) -> None:
    got = dump(tmp_path / "uart.log", {"y": ran(NAME, "default")["output/y"]})
    said = tinycl("diff", golden, got)
    assert said.code == 0
    assert "explained" not in said.out
    assert tinycl("infer", golden, got).code == 0


def test_an_operation_in_the_middle_is_judged_on_what_was_dumped(tinycl, tmp_path) -> None:
    golden, tensors = tmp_path / "net.h5", ran(NET, LANES)
    write(golden, make(catalogue()[NET]))
    names = [n for n in tensors if n.startswith(("trace/0/train/02.", "trace/0/train/03."))]
    linear = next(n for n in tensors if n.startswith("trace/0/train/04.linear_forward"))
    got = dump(tmp_path / "uart.log", {n: tensors[n] for n in (*names, linear)})
    found = json.loads(tinycl("diff", "--json", golden, got).out)["inferred"]
    assert found["train/04.linear_forward"]["contract"] == LANES
    assert "golden's was taken" not in found["train/04.linear_forward"]["told"]


def test_inputs_that_were_not_dumped_are_said_to_be_the_goldens(tinycl, tmp_path) -> None:
    golden, tensors = tmp_path / "net.h5", ran(NET, LANES)
    write(golden, make(catalogue()[NET]))
    linear = next(n for n in tensors if n.startswith("trace/0/train/04.linear_forward"))
    got = dump(tmp_path / "uart.log", {linear: tensors[linear]})
    found = json.loads(tinycl("diff", "--json", golden, got).out)["inferred"]
    said = found["train/04.linear_forward"]
    assert "B lacks what it read, flatten3.y, and the golden's was taken" in said["told"]
    assert said["cause"] in ("unsure", "chance")
    out = tinycl("infer", golden, got).out
    assert "its input flatten3.y is not there; the golden's was taken" in out


@pytest.mark.parametrize("command", ["diff", "infer"])
def test_a_dump_that_cannot_be_used(tinycl, tmp_path, golden, command) -> None:
    y = ran(NAME, "default")["output/y"]
    short = dump(tmp_path / "short.log", {"y": y.reshape(-1)[:-3]})
    other = dump(tmp_path / "other.log", {"z": y})
    shaped = tmp_path / "shaped.npz"
    np.savez(shaped, **{"output/y": y[..., :1]})
    for path, message in ((short, "cut short"), (other, "no tensor of A"), (tmp_path / "no", "no")):
        said = tinycl(command, golden, path)
        assert said.code == 2
        assert message in said.err
    said = tinycl(command, golden, shaped)
    assert said.code == (1 if command == "diff" else 2)
    assert "shape" in said.out or "no operation whose inputs and outputs" in said.err


def test_a_dump_without_its_golden(tinycl, tmp_path) -> None:
    got = dump(tmp_path / "uart.log", {"y": np.zeros(3, np.float32)})
    said = tinycl("infer", got)
    assert said.code == 2
    assert "has no plan: name its golden" in said.err
