"""Own kernels: a right one passes, what is no kernel is refused, and what was built is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinycl.contract import DEFAULT
from tinycl.errors import ExitCode, TargetError
from tinycl.golden.catalogue import catalogue
from tinycl.target.build import Recipe
from tinycl.target.host import HostTarget
from tinycl.target.qemu import QemuTarget
from tinycl.target.registry import run, with_options

from conftest import need  # isort: skip
from owned import EXAMPLES, RELU_CASES, Own, load, refused, relu, suite, told  # isort: skip


def test_a_right_kernel_is_equal(own: Own) -> None:
    report = suite(own(relu()), *RELU_CASES, cores=(1, 3))
    assert (report.exit_code, report.cases, report.runs) == (0, 3, 12)
    assert list(report.kernels) == ["tinycl_relu_forward"]
    text = told(report)
    assert "own kernels: tinycl_relu_forward (" in text
    assert "own0.c)" in text
    assert "all equal (own tinycl_relu_forward)" in text


def test_the_example_is_equal(own: Own) -> None:
    names = [n for n in catalogue() if n.startswith("pointwise_forward/")]
    assert suite(own(EXAMPLES / "my_pointwise.c"), *names, cores=(1, 3)).exit_code == 0


def test_the_bug_of_the_example_is_found(own: Own) -> None:
    names = [n for n in catalogue() if n.startswith("depthwise_forward/")]
    report = suite(own(EXAMPLES / "my_depthwise.c"), *names)
    assert report.exit_code == ExitCode.DIFFERENT
    found = {f.case for f in report.findings}
    assert "depthwise_forward/stride3_asymmetric_plain" in found
    assert len(found) < len(names), "only where the stride is above 1"
    for case in found:
        ops = [op for body in load(case).plan.bodies.values() for op in body.ops]
        assert any(max(op.attrs["stride"]) > 1 for op in ops if "stride" in op.attrs)


def test_a_wrong_index_is_found(own: Own) -> None:
    y = load("relu_forward/row_plain").tensors["output/y"]
    at = int(np.flatnonzero(y.ravel()[:-1] > 0)[0])
    place = tuple(int(i) for i in np.unravel_index(at, y.shape))
    wrong = relu(f"x[i] > 0.0f || x[i] != x[i] ? x[i + (i == {at})] : 0.0f")
    report = suite(own(wrong), *RELU_CASES)
    assert report.exit_code == ExitCode.DIFFERENT
    found = [f for f in report.findings if f.case == "relu_forward/row_plain"]
    assert {f.tensor for f in found} == {"trace/0/main/00.relu_forward/y", "output/y"}
    assert {f.difference.first.index for f in found if f.difference.first} == {place}
    for part in ("relu_forward/row_plain", "output/y", "(own tinycl_relu_forward)"):
        assert part in told(report)


def test_one_of_a_file_of_several_kernels(own: Own) -> None:
    """`add` and `clear` are in one file of the reference: the rest of it stays in use."""
    wrong = """
    void tinycl_add(const float *a, const float *b, float *y, int32_t count, int core, int cores)
    { for (int32_t i = core; i < count; i += cores) y[i] = a[i] - b[i]; }
    """
    names = [n for n in catalogue() if n.split("/")[0] in ("add", "sub", "clear", "accumulate")]
    report = suite(own(wrong), *names)
    assert {f.case.split("/")[0] for f in report.findings} == {"add"}


def test_what_other_kernels_call_is_replaced_too(own: Own) -> None:
    source = """
    float tinycl_exp(float x) { return x == x ? 1.0f : x; }
    void tinycl_philox_block(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
    { for (int i = 0; i < 4; i++) out[i] = counter[0] ^ key[0]; }
    """
    kinds = ("sigmoid_forward", "softmax_cross_entropy_forward", "random_words", "random_uniform")
    names = [n for n in catalogue() if n.split("/")[0] in kinds]
    report = suite(own(source), *names)
    assert {f.case.split("/")[0] for f in report.findings} == set(kinds)


def test_files_may_share_functions_and_headers(own: Own, tmp_path: Path) -> None:
    (tmp_path / "mine.h").write_text("float positive(float x);\n")
    first = '#include "tinycl.h"\n#include "mine.h"\n' + relu("positive(x[i])")
    second = '#include "mine.h"\nfloat positive(float x) { return x > 0 || x != x ? x : 0.0f; }\n'
    target = own(first, second)
    assert suite(target, *RELU_CASES).exit_code == 0
    assert list(target.own_kernels()) == ["tinycl_relu_forward"]


def test_a_changed_header_is_built_again(own: Own, tmp_path: Path) -> None:
    header = tmp_path / "mine.h"
    source = '#include "mine.h"\n' + relu("x[i] > 0.0f || x[i] != x[i] ? x[i] : ZERO")
    programs = []
    for zero, code in (("0.0f", 0), ("-0.0f", 1), ("0.0f", 0)):
        header.write_text(f"#define ZERO {zero}\n")
        target = own(source)
        assert suite(target, *RELU_CASES).exit_code == code
        programs.append(target.built().program)
    assert programs[0] == programs[2] != programs[1]


def test_a_target_keeps_the_kernels_that_it_began_with(own: Own, tmp_path: Path) -> None:
    target = own(relu())
    assert suite(target, *RELU_CASES).exit_code == 0
    target.close()
    (tmp_path / "own0.c").write_text(relu("5.0f"))
    assert suite(target, *RELU_CASES).exit_code == 0


@pytest.mark.parametrize("name", ["my kernel.c", "a$b%c#d:e'f.c", "größe.c"])
def test_any_file_name(own: Own, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(relu())
    assert suite(own(path), *RELU_CASES).exit_code == 0


def test_warnings_are_told_and_no_errors(own: Own) -> None:
    target = own(relu(tail="int nothing;"))
    assert suite(target, RELU_CASES[0]).exit_code == 0
    warnings = "\n".join(target.built().own.warnings)
    assert "own0.c:" in warnings
    assert "nothing" in warnings


def test_the_firmware_dialect_is_taken(own: Own) -> None:
    assert suite(own(relu(tail='asm volatile ("nop");')), *RELU_CASES).exit_code == 0


def test_a_plan_runs_with_own_kernels(own: Own) -> None:
    plan, inputs, _ = catalogue()["relu_forward/row_plain"].build()
    target = own(relu("2.5f"))
    result = run(plan, inputs, target=target, contract=target.spoken(DEFAULT))
    assert set(result.outputs["y"].ravel().tolist()) == {2.5}


def test_what_is_no_kernel_is_refused(own: Own) -> None:
    said = refused(own("void tinycl_conv2d_foward(void) {}"))
    assert "own0.c defines tinycl_conv2d_foward, which is no kernel of" in said
    assert "did you mean tinycl_conv2d_forward? A helper is static" in said
    assert "defines tinycl_x, which" in refused(own(relu() + "int tinycl_x;"))
    said = refused(own("void conv2d_forward(void) {}"))
    assert "own0.c: defines none of the kernels of" in said
    assert "did you mean tinycl_conv2d_forward?" in said
    for empty in ("", "\n", "static int nothing(void) { return 1; }"):
        assert "defines none of the kernels" in refused(own(empty))


def test_two_of_one_kernel_are_refused(own: Own) -> None:
    said = refused(own(relu(), relu()))
    assert "own0.c and " in said
    assert "own1.c both define tinycl_relu_forward" in said


def test_a_wrong_signature_is_refused(own: Own) -> None:
    said = refused(own("int tinycl_relu_forward(const float *x) { return *x > 0; }"))
    assert "cannot compile" in said
    assert "own0.c:1:5: error: conflicting types" in said
    said = refused(own("static" + relu()))
    assert "own0.c:2:" in said or "own0.c:1:" in said
    said = refused(own("void tinycl_top_k(int rows) { }"))
    assert "conflicting types" in said


def test_what_does_not_compile_is_told(own: Own) -> None:
    said = refused(own('#include "tinycl.h"\nclass Kernel { public: int x; };\n'))
    assert "own0.c:2:1: error: unknown type name" in said
    assert "/own/" not in said
    assert "make" not in said.replace("cmake", "")
    gone = refused(own('#include "gone.h"\n' + relu()))
    assert "gone.h: No such file" in gone or "'gone.h' file not found" in gone
    said = refused(own("\n".join(f"wrong{i} x;" for i in range(40))))
    assert len(said.splitlines()) < 20


def test_what_does_not_link_is_told(own: Own) -> None:
    with pytest.raises(TargetError, match="nowhere"):
        own("float nowhere(float x);" + relu("nowhere(x[i])")).built()
    with pytest.raises(TargetError, match="platform_fork"):
        own(relu() + "void platform_fork(void) {}").built()


def test_files_that_are_none_are_refused(own: Own, tmp_path: Path) -> None:
    (tmp_path / "folder.c").mkdir()
    (tmp_path / "kernel.cpp").write_text(relu())
    (tmp_path / "a.c").write_text(relu())
    (tmp_path / "b.c").symlink_to(tmp_path / "a.c")
    assert "gone.c does not exist" in refused(own(tmp_path / "gone.c"))
    assert "folder.c is not a file" in refused(own(tmp_path / "folder.c"))
    assert "is not a C source (.c)" in refused(own(tmp_path / "kernel.cpp"))
    assert "b.c is given twice" in refused(own(tmp_path / "a.c", tmp_path / "b.c"))
    (tmp_path / 'quote".c').write_text(relu())
    assert "has a quote" in refused(own(tmp_path / 'quote".c'))


@pytest.mark.parametrize("target", ["numpy", "numba"])
def test_other_targets_have_no_kernels(target: str) -> None:
    with pytest.raises(TargetError, match=f"target {target} does not run C; .*host, qemu"):
        with_options(target, kernels=["own.c"])
    with pytest.raises(TargetError, match="does not exist"):
        with_options("fpga", kernels=["own.c"])


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_compilers(compiler: str, tmp_path: Path) -> None:
    source = tmp_path / "own.c"
    source.write_text(relu() + "float tinycl_exp(float x) { return x == x ? 1.0f : x; }")
    programs = set()
    for _ in range(2):
        target = HostTarget(Recipe("host", compiler, kernels=(str(source),)))
        need(target)
        assert suite(target, *RELU_CASES).exit_code == 0
        assert suite(target, "sigmoid_forward/row_plain").exit_code == ExitCode.DIFFERENT
        programs.add(target.built().program)
        target.close()
    assert len(programs) == 1, "one build, kept"


def test_the_reference_stays_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "own.c"
    source.write_text(relu("5.0f"))
    mine, plain = QemuTarget(Recipe("qemu", kernels=(str(source),))), QemuTarget()
    need(plain)
    assert suite(mine, *RELU_CASES).exit_code == ExitCode.DIFFERENT
    report = suite(plain, *RELU_CASES)
    assert (report.exit_code, report.kernels) == (0, {})
    assert "own" not in told(report)
    mine.close()
    plain.close()


def test_a_second_build_compiles_nothing_else(
    own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYCL_CACHE", str(tmp_path / "cache"))
    first, second = own(relu()).built(), own(relu("5.0f")).built()
    assert first.program != second.program
    (kept,) = (tmp_path / "cache").glob("*-objects")
    (sgd,) = kept.rglob("sgd.c.o")
    sgd.write_bytes(next(kept.rglob("mean.c.o")).read_bytes())
    with pytest.raises(TargetError, match="tinycl_sgd"):
        own(relu("6.0f")).built()
    assert not list(kept.rglob("own*")), "the caller's objects are not kept"
