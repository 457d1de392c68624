"""Headers: what compilers say of them, and what a program finds in them."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.goldens import ODD, goldens, same
from tinycl import nn
from tinycl.bits import crc32
from tinycl.contract import DEFAULT
from tinycl.export import Expected, Item, c_header, export, read_tensors, select
from tinycl.export.names import c_name, unique_c_names
from tinycl.golden.schema import seal
from tinycl.plan import check_inputs
from tinycl.target.registry import run

TRACE = Path(__file__).parents[2] / "c_ref" / "trace"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
COMPILERS = {
    "gcc": ["-xc", "-std=c11"],
    "g++": ["-xc++", "-std=c++17"],
    "clang": ["-xc", "-std=c11"],
    "clang++": ["-xc++", "-std=c++17"],
}
HERE = [name for name in COMPILERS if shutil.which(name)]


def build(compiler: str, source: Path, *options: object) -> None:
    """Compile, and show what the compiler says if it refuses."""
    command = [compiler, *COMPILERS[compiler], *STRICT, *map(str, options), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not HERE, reason="no C compiler")
@given(golden=goldens(), layout=st.sampled_from(("chw", "hwc")))
@settings(max_examples=6)
def test_every_compiler_takes_it(golden, layout, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("c")
    (folder / "a.h").write_text(c_header(select(golden, layout=layout), golden.name))
    source = folder / "a.c"
    source.write_text('#include "a.h"\n#include "a.h"\nint main(void) { return 0; }\n')
    for compiler in HERE:
        build(compiler, source, "-fsyntax-only")


@pytest.mark.skipif("gcc" not in HERE, reason="no gcc")
@given(golden=goldens())
@settings(max_examples=6)
def test_a_program_reads_what_was_written(golden, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("c")
    items = select(golden, layout="hwc")
    (folder / "a.h").write_text(c_header(items, "a"))
    lines = []
    for item in items:
        name = unique_c_names([i.name for i in items], "a")[item.name]
        up, rank = name.upper(), item.value.ndim
        lengths = "".join(f" && {up}_DIM{k} == {n}" for k, n in enumerate(item.value.shape))
        size = item.value.itemsize
        kind = 2 if size == 1 else int(item.value.dtype == np.float32)
        lines.append(
            f"ok &= {up}_RANK == {rank} && {up}_WORDS == {item.value.size}{lengths}\n"
            f"  && sizeof {name} == {size} * {up}_WORDS\n"
            f"  && tinycl_trace_crc32({name}, {up}_WORDS, {kind}) == {up}_CRC32;"
        )
    source, program = folder / "a.c", folder / "a"
    body = "\n".join(lines)
    source.write_text(
        f'#include "a.h"\n#include "tinycl_trace.h"\n'
        f"int main(void)\n{{\nint ok = 1;\n{body}\nreturn !ok;\n}}\n"
    )
    build("gcc", source, f"-I{TRACE}", "-o", program)
    assert subprocess.run([program], timeout=10, check=False).returncode == 0


def test_how_it_looks(conv) -> None:
    text = c_header(select(conv, ["input/w"], "hwc"), "a*/ b?", "fw")
    assert text.startswith("/* a%x2a/ b%x3f\n")
    assert "#ifndef FW_H\n#define FW_H\n" in text
    assert "/* input/w: co=5 kh=3 kw=3 ci=3 */\n#define FW_INPUT_W_RANK 4\n" in text
    (first,) = re.findall(r"= \{\n    (0x\w{8}), .*/\* (\S+) ", text)
    value = conv.inputs["w"][0, 0, 0, 0]
    assert first == (f"0x{value.view('u4'):08x}", str(value))
    arrays = text.partition("= {")[2]
    assert max(map(len, arrays.splitlines())) <= 100


def test_nothing_to_write_is_a_header_too() -> None:
    assert "#ifndef NOTHING_H" in c_header([], "nothing")


def test_the_hash_is_that_of_the_layout(conv) -> None:
    (chw,), (hwc,) = (select(conv, ["input/x"], layout) for layout in ("chw", "hwc"))
    assert chw.crc32 == crc32(conv.inputs["x"])
    assert hwc.crc32 == crc32(np.ascontiguousarray(conv.inputs["x"].transpose(0, 2, 3, 1)))
    assert chw.crc32 != hwc.crc32
    assert f"0x{hwc.crc32:08x}" in c_header([hwc], "a")


@given(st.lists(st.text(ODD + "_2", max_size=5), unique=True, max_size=12), st.text(ODD))
def test_names_are_valid_and_unique(names, prefix) -> None:
    made = unique_c_names(names, prefix)
    assert list(made) == names
    assert all(re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", name) for name in made.values())
    assert len({name.upper() for name in made.values()}) == len(names)


def test_names() -> None:
    assert c_name("trace/0/main/00.add/y") == "trace_0_main_00_add_y"
    assert c_name("__x__") == "x"
    assert c_name("9*") == "t9"
    assert c_name("☃") == "t"


def test_least_integer() -> None:
    item = Item("output/n", np.array([-(1 << 31), 5], np.int32), ("i0",), "chw")
    assert "    INT32_MIN, 5,\n" in c_header([item], "a")


@pytest.mark.skipif(not HERE, reason="no C compiler")
@pytest.mark.parametrize("form", ["c", "npz", "bin"])
def test_tensors_without_elements(tmp_path: Path, form: str) -> None:
    """A plan of no updates and an evaluation takes and records none of them."""
    net = nn.Sequential(nn.Linear(3, 2))
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.1), (2, 3))
    plan = training.plan(0, 1)
    given_ = {
        "x": np.zeros((0, 2, 3)),
        "target": np.zeros((0, 2)),
        "evaluate.x": np.ones((1, 2, 3)),
    }
    inputs = training.values(1) | {
        n: v.astype(np.int32 if n == "target" else np.float32) for n, v in given_.items()
    }
    inputs = check_inputs(plan, inputs)
    golden = seal("none/plain", plan, inputs, run(plan, inputs).tensors(), DEFAULT, 1)
    assert {"input/x", "input/target", "record/train/loss"} <= {
        name for name, value in golden.everything.items() if not value.size
    }
    path = tmp_path / f"a.{'h' if form == 'c' else form}"
    export(golden, path, form)
    assert same(golden, read_tensors(path, Expected.of_golden(golden)).values)
    if form == "c":
        source = tmp_path / "a.c"
        source.write_text('#include "a.h"\nint main(void) { return 0; }\n')
        for compiler in HERE:
            build(compiler, source, "-Wno-unused", "-fsyntax-only")
