"""Own kernels: a right one passes, a wrong one never does, and what is no kernel is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tinycl.contract import DEFAULT
from tinycl.errors import ExitCode, TargetError
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import Golden
from tinycl.parity.findings import Report
from tinycl.parity.report import render
from tinycl.parity.suite import run_suite
from tinycl.target.build import Recipe
from tinycl.target.c_target import CTarget
from tinycl.target.host import HostTarget
from tinycl.target.qemu import QemuTarget
from tinycl.target.registry import run, with_options

from conftest import need  # isort: skip

EXAMPLES = Path(__file__).resolve().parents[2] / "c_ref" / "examples"
RELU = """
void tinycl_relu_forward(const float *x, float *y, int32_t count, int core, int cores)
{
    for (int32_t i = core; i < count; i += cores)
        y[i] = PIXEL;
    TAIL
}
"""
PIXEL = "x[i] > 0.0f || x[i] != x[i] ? x[i] : 0.0f"
RELU_CASES = ("relu_forward/image_plain", "relu_forward/row_plain", "relu_forward/patterns_hard")
Own = Callable[..., CTarget]


def relu(pixel: str = PIXEL, tail: str = "") -> str:
    return RELU.replace("PIXEL", pixel).replace("TAIL", tail)


def load(name: str) -> Golden:
    return make(catalogue()[name])


def suite(target: CTarget, *names: str, **options: object) -> Report:
    return run_suite(names, load, target=target, **options)  # type: ignore[arg-type]


def told(report: Report) -> str:
    from rich.console import Console

    console = Console(width=300)
    with console.capture() as captured:
        console.print(render(report))
    return captured.get()


@pytest.fixture(params=["host", "qemu", pytest.param("gvsoc", marks=pytest.mark.gvsoc)])
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Own]:
    """Return a target with sources, which are written as own0.c, own1.c, ..., or with paths."""
    made: list[CTarget] = []

    def target(*sources: str | Path) -> CTarget:
        files = []
        for number, source in enumerate(sources):
            path = source if isinstance(source, Path) else tmp_path / f"own{number}.c"
            if isinstance(source, str):
                path.write_text(source)
            files.append(str(path))
        made.append(with_options(request.param, kernels=files))
        need(made[-1])
        return made[-1]

    yield target
    for each in made:
        process = each._session._process
        each.close()
        assert process is None or process.poll() is not None


def refused(target: CTarget) -> str:
    with pytest.raises(TargetError) as caught:
        target.built()
    return str(caught.value)


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


def test_a_read_before_the_tensor_is_found(own: Own) -> None:
    row_before = relu("x[i - 8] > 0.0f || x[i - 8] != x[i - 8] ? x[i - 8] : 0.0f")
    assert suite(own(row_before), *RELU_CASES).exit_code == ExitCode.DIFFERENT


def test_a_read_far_away_ends_the_case_and_not_the_suite(own: Own) -> None:
    target = own(relu("x[i - 0x30000000]"))
    report = suite(target, *RELU_CASES)
    assert report.exit_code == ExitCode.USAGE
    assert list(report.failed) == list(RELU_CASES)
    for said in report.failed.values():
        assert {
            "host": "was ended by SIGSEGV",
            "qemu": "load access fault (cause 5)",
            "gvsoc": "Invalid access",
        }[target.name] in said
    assert "3 cases failed on the target (own tinycl_relu_forward)" in told(report)


def test_the_next_case_runs_on_a_fresh_runner(own: Own) -> None:
    far = relu(tail="if (count % 5 == 0) y[0] = x[-0x30000000];")
    report = suite(own(far), *RELU_CASES)
    sizes = {name: load(name).tensors["output/y"].size for name in RELU_CASES}
    assert list(report.failed) == [name for name, size in sizes.items() if size % 5 == 0]
    assert 0 < len(report.failed) < 3, "the case should have both"
    assert not report.findings
    assert report.runs == 2 * (3 - len(report.failed))


def test_a_write_into_an_input_of_a_training_step_is_found(own: Own) -> None:
    spoils = relu(tail="if (core == 0) ((float *)x)[0] = 5.0f;")
    report = suite(own(spoils), "training/perceptron_momentum_plain")
    assert report.exit_code == ExitCode.USAGE
    (said,) = report.failed.values()
    assert "relu_forward (step 0, train, operation" in said
    assert "changed its input" in said


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("-1", "behind x, word"),
        ("count", "behind y, word 0 holds 40a00000"),
        ("count + 3", "behind y, word 3 holds 40a00000"),
    ],
)
def test_a_write_beside_the_tensor_is_found(own: Own, place: str, told: str) -> None:
    """Nothing reads these words: the result itself is right."""
    case = RELU_CASES[0]
    beside = own(relu(tail=f"if (core == 0) y[{place}] = 5.0f;"))
    report = suite(beside, case, cores=(1, 3))
    assert report.exit_code == ExitCode.USAGE
    (said,) = report.failed.values()
    assert "relu_forward (step 0, main, operation 0) wrote outside its tensors" in said
    assert told in said
    assert suite(beside, case, modes=("lean",)).exit_code == ExitCode.EQUAL


@pytest.mark.parametrize("place", ["count + 40", "count + 900"])
def test_a_write_behind_the_last_tensor_is_found(own: Own, place: str) -> None:
    beside = own(relu(tail=f"if (core == 0) y[{place}] = 5.0f;"))
    (said,) = suite(beside, RELU_CASES[0]).failed.values()
    assert "wrote outside its tensors: behind y, word" in said


def test_a_write_into_an_input_is_found(own: Own) -> None:
    """After its last use, in a plan that does not read it again."""
    spoils = own(relu(tail="if (core == 0) ((float *)x)[count - 1] = 5.0f;"))
    (said,) = suite(spoils, RELU_CASES[0]).failed.values()
    assert "relu_forward (step 0, main, operation 0) changed its input x" in said


def test_a_write_beside_a_tile_is_found(own: Own) -> None:
    for place, tensor in (("count", "y"), ("count + 9", "y")):
        beside = own(relu(tail=f"if (core == 0) y[{place}] = 5.0f;"))
        beside.local = 1000
        (said,) = suite(beside, RELU_CASES[0]).failed.values()
        assert f"wrote outside its tensors: behind {tensor}, word" in said


def test_a_kernel_that_ignores_resume_is_found_on_tiles(own: Own) -> None:
    """Its sums begin anew with each part of their terms."""
    source = """
    void tinycl_linear_forward(const float *x, const float *w, const float *bias, float *y,
                               const struct tinycl_linear_shape *s, int core, int cores)
    {
        for (int32_t i = core; i < s->n * s->fo; i += cores) {
            const int32_t fo = i % s->fo, n = i / s->fo;
            float sum = 0.0f;
            for (int32_t fi = 0; fi < s->fi; fi++)
                sum = __builtin_fmaf(x[n * s->fi + fi], w[fo * s->fi + fi], sum);
            y[i] = bias ? sum + bias[fo] : sum;
        }
    }
    """
    target = own(source)
    names = [n for n in catalogue() if n.startswith("linear_forward/")]
    assert suite(target, *names).exit_code == ExitCode.EQUAL
    target.local = 300
    assert suite(target, *names).exit_code == ExitCode.DIFFERENT


def test_a_kernel_that_writes_nothing_is_found(own: Own) -> None:
    nothing = "void tinycl_clear(float *x, int32_t count, int core, int cores) {}"
    assert suite(own(nothing), "clear/all_plain").exit_code == ExitCode.DIFFERENT


def test_kernels_that_hang_are_given_up(own: Own) -> None:
    hangs = relu(tail="volatile int on = 1; while (core == 0 && on) continue;")
    target = own(hangs)
    target.built()
    begun = time.monotonic()
    names = [n for n in catalogue() if n.startswith("relu_")]
    report = suite(target, *RELU_CASES, *(2 * names), timeout=0.5)
    assert time.monotonic() - begun < 15
    assert report.exit_code == ExitCode.USAGE
    assert list(report.failed) == list(RELU_CASES)
    assert all("no complete reply within 0.5 s" in said for said in report.failed.values())
    assert report.given_up == 2 * names
    text = told(report)
    assert "not run, after too many time-outs: relu_forward/" in text
    assert f"3 cases failed on the target, {2 * len(names)} cases not run" in text


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
