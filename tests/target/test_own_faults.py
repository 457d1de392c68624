"""Own kernels that are wrong: each ends in a difference or a message, never in a pass or a hang."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tinycl.errors import ExitCode
from tinycl.golden.catalogue import catalogue
from tinycl.target.registry import with_options

from owned import RELU_CASES, Own, load, relu, suite, told  # isort: skip


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


@pytest.mark.gvsoc
@pytest.mark.parametrize(
    ("words", "cores", "told"),
    [
        (300, 8, "core 1: a kernel needs more stack than the core's 1536 bytes"),
        (900, 1, "Invalid access"),
        (900, 8, "Invalid access"),
    ],
)
def test_too_small_a_stack_is_told(tmp_path: Path, words: int, cores: int, told: str) -> None:
    """The cluster's cores have stacks of 1.5 KB, core 0 one of 3 KB at the very start of L1."""
    tail = f"volatile float deep[{words}]; for (int i = 0; i < {words}; i++) deep[i] = 1.0f;"
    (tmp_path / "deep.c").write_text(relu(tail=tail))
    target = with_options("gvsoc", kernels=[str(tmp_path / "deep.c")])
    report = suite(target, RELU_CASES[0], cores=(cores,))
    target.close()
    assert report.exit_code == ExitCode.USAGE
    (said,) = report.failed.values()
    assert told in said


GATHER = """
void tinycl_gather_bytes(const uint8_t *x, const int32_t *index, uint8_t *y,
                         const struct tinycl_rows_shape *s, int core, int cores)
{
    for (int32_t i = core; i < s->k * s->columns; i += cores)
        y[i] = x[index[i / s->columns] * s->columns + i % s->columns];
    TAIL
}
"""


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("", ""),
        ("if (core == 0) y[s->k * s->columns] = 5;", "behind y, byte 0 holds 5"),
        ("if (core == 0) y[s->k * s->columns + 1] = 5;", "behind y, word 0 holds 57575705"),
        ("if (core == 0) ((uint8_t *)x)[s->rows * s->columns] = 5;", "behind x, byte 0 holds 5"),
    ],
)
def test_a_write_behind_the_last_byte_is_found(own: Own, tail: str, said: str) -> None:
    """Of y and x, 5 rows of 7 bytes each, one byte of the last word is no element."""
    case = "gather_bytes/rows_hard"
    assert load(case).tensors["output/y"].size % 4 == load(case).inputs["x"].size % 4 == 3
    report = suite(own(GATHER.replace("TAIL", tail)), case, cores=(1, 3))
    assert report.exit_code == (ExitCode.USAGE if said else ExitCode.EQUAL)
    assert not said or said in next(iter(report.failed.values()))
