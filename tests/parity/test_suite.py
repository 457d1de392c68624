"""The suite compares everything, and whatever goes wrong is in its report."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tinycl.errors import ExitCode, FileError, TargetError, TargetHang, TargetMissing
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import Golden
from tinycl.parity.report import render, to_dict
from tinycl.parity.suite import run_suite
from tinycl.target import registry
from tinycl.target.numpy_target import NumpyTarget
from tinycl.target.result import Result

NAMES = ("linear_forward/prime_plain", "training/linear_sgd_hard", "mean/huge_hard")


def load(name: str) -> Golden:
    return make(catalogue()[name])


def told(report) -> str:
    from rich.console import Console

    console = Console(width=200)
    with console.capture() as captured:
        console.print(render(report))
    return captured.get()


class Fake(NumpyTarget):
    """NumPy with several cores, and something done to its results."""

    name = "fake"
    most_cores = 8

    def __init__(self, spoil: Callable[[Result], Result] = lambda result: result) -> None:
        self.spoil = spoil

    def run(self, *args, **keywords) -> Result:
        return self.spoil(super().run(*args, **keywords))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch):
    def install(spoil: Callable[[Result], Result] = lambda result: result) -> None:
        target = Fake(spoil)
        known = registry.get
        for module in ("tinycl.target.registry", "tinycl.parity.suite"):
            monkeypatch.setattr(
                f"{module}.get", lambda name: target if name == "fake" else known(name)
            )

    return install


def outputs(change: Callable[[dict], dict]) -> Callable[[Result], Result]:
    return lambda result: replace(result, outputs=change(dict(result.outputs)))


def test_equal_goldens_are_equal() -> None:
    seen: list[str] = []
    report = run_suite(NAMES, load, target="numpy", progress=seen.append)
    assert seen == list(NAMES)
    assert report.exit_code == ExitCode.EQUAL
    assert (report.cases, report.runs, report.different) == (3, 6, 0)
    goldens = [load(name) for name in NAMES]
    checked = [v.size for g in goldens for v in g.tensors.values()]
    lean = [v.size for g in goldens for k, v in g.tensors.items() if not k.startswith("trace/")]
    assert report.tensors == len(checked) + len(lean)
    assert report.elements == sum(checked) + sum(lean)
    assert "all equal" in told(report)


def test_each_number_of_cores_is_run(fake) -> None:
    fake()
    report = run_suite(NAMES[:1], load, target="fake", cores=(1, 3, 8), modes=("lean",))
    assert (report.runs, report.tensors, report.exit_code) == (3, 3, 0)


def test_one_wrong_bit_is_found(fake) -> None:
    def flip(found: dict) -> dict:
        if "y" in found and found["y"].ndim == 2:
            found["y"].view(np.uint32)[2, 3] ^= 1
        return found

    fake(outputs(flip))
    report = run_suite(NAMES, load, target="fake", cores=(1, 3))
    assert report.exit_code == ExitCode.DIFFERENT
    findings = [f for f in report.findings if f.case == NAMES[0]]
    assert [(f.tensor, f.mode, f.cores, f.altered) for f in findings] == [
        ("output/y", mode, cores, False) for cores in (1, 3) for mode in ("checked", "lean")
    ]
    first = findings[0].difference.first
    assert first is not None
    assert findings[0].difference.place(first) == "n=2 fo=3"
    text = told(report)
    for part in (NAMES[0], "output/y", "n=2 fo=3", first.expected_hex, first.got_hex):
        assert part in text
    assert text.count(first.expected_hex) == 1, "one row, however many runs"
    assert "lean on 3 cores" in text
    assert to_dict(report)["findings"][0]["difference"]["first"]["place"] == "n=2 fo=3"


def test_lost_and_unexpected_tensors_are_found(fake) -> None:
    fake(outputs(lambda found: {}))
    report = run_suite(NAMES[:1], load, target="fake", modes=("lean",))
    assert [f.difference.kind for f in report.findings] == ["missing"]
    assert report.different == report.elements == 77
    fake(outputs(lambda found: {**found, "z": np.zeros(3, np.float32)}))
    report = run_suite(NAMES[:1], load, target="fake", modes=("checked",))
    assert [f.difference.kind for f in report.findings] == ["unexpected"]
    assert "no golden knows it" in told(report)


def test_wrong_shapes_and_nans_are_found(fake) -> None:
    fake(outputs(lambda found: {k: v.reshape(-1) for k, v in found.items()}))
    report = run_suite(NAMES[:1], load, target="fake")
    assert {f.difference.kind for f in report.findings} == {"shape"}
    fake(outputs(lambda found: {k: np.full_like(v, np.nan) for k, v in found.items()}))
    report = run_suite(NAMES[:1], load, target="fake", modes=("lean",))
    assert report.different == 77


def altered(name: str) -> Callable[[str], Golden]:
    def load_altered(case: str) -> Golden:
        golden = load(case)
        value = golden.everything[name].copy()
        value.view(np.uint32).flat[0] ^= 1
        if name.startswith("input/"):
            inputs = {**golden.inputs, name.removeprefix("input/"): value}
            return replace(golden, inputs=inputs)
        return replace(golden, tensors={**golden.tensors, name: value})

    return load_altered


def test_an_altered_output_is_said_to_be_altered() -> None:
    report = run_suite(NAMES[:1], altered("output/y"), target="numpy", modes=("lean",))
    assert report.exit_code == ExitCode.DIFFERENT
    assert [f.altered for f in report.findings] == [True]
    assert "the golden's own digest does not match" in told(report)


def test_an_altered_input_is_not_run() -> None:
    report = run_suite(NAMES[:1], altered("input/w"), target="numpy")
    assert report.exit_code == ExitCode.DIFFERENT
    assert (report.not_run, report.runs, report.findings) == ([NAMES[0]], 0, [])
    assert "not run" in told(report)


def test_unreadable_goldens_do_not_stop_the_others() -> None:
    def sometimes(name: str) -> Golden:
        if name == NAMES[1]:
            raise FileError("cut short")
        return load(name)

    report = run_suite(NAMES, sometimes, target="numpy")
    assert report.exit_code == ExitCode.USAGE
    assert (report.cases, report.unreadable) == (2, {NAMES[1]: "cut short"})
    assert "cut short" in told(report)


def test_a_target_that_fails_on_one_case_goes_on(fake) -> None:
    def crash(result: Result) -> Result:
        if "y" not in result.outputs:
            raise TargetError("it crashed")
        return result

    fake(crash)
    report = run_suite(NAMES, load, target="fake")
    assert report.exit_code == ExitCode.USAGE
    assert report.failed == {NAMES[1]: "it crashed"}
    assert report.cases == 3
    assert "it crashed" in told(report)


def test_a_target_that_never_runs_is_an_error(fake) -> None:
    def crash(result: Result) -> Result:
        raise TargetError("it does not even start")

    fake(crash)
    with pytest.raises(TargetError, match="does not even start"):
        run_suite(NAMES, load, target="fake")


def test_a_target_that_keeps_hanging_is_given_up(fake) -> None:
    def hang(result: Result) -> Result:
        if "y" not in result.outputs:
            raise TargetHang("no answer")
        return result

    fake(hang)
    hanging = NAMES[1]
    report = run_suite((NAMES[0], *[hanging] * 3, *NAMES), load, target="fake")
    assert report.exit_code == ExitCode.USAGE
    assert (report.cases, report.failed) == (4, {hanging: "no answer"})
    assert report.given_up == list(NAMES)
    assert f"not run, after too many time-outs: {', '.join(NAMES)}" in told(report)
    assert "3 cases not run" in told(report)
    report = run_suite((NAMES[0], *[hanging] * 2, *NAMES[::2]), load, target="fake")
    assert (report.cases, report.given_up) == (5, [])


def test_an_executor_is_taken_as_it_is() -> None:
    report = run_suite(NAMES[:1], load, target=Fake(), cores=(1, 3))
    assert (report.target, report.runs, report.exit_code) == ("fake", 4, 0)
    with pytest.raises(TargetError, match="fake runs on 1 to 8 cores, got 9"):
        run_suite(NAMES, load, target=Fake(), cores=(9,))


def test_targets_that_are_not_there_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TargetError, match="does not exist"):
        run_suite(NAMES, load, target="guess")
    with pytest.raises(TargetError, match="1 to 1 cores, got 3"):
        run_suite(NAMES, load, target="numpy", cores=(1, 3))
    monkeypatch.setattr(NumpyTarget, "available", lambda self: "install it")
    with pytest.raises(TargetMissing, match="install it"):
        run_suite(NAMES, load, target="numpy")


def test_nothing_compared_is_not_a_pass() -> None:
    report = run_suite([], load, target="numpy")
    assert report.exit_code == ExitCode.DIFFERENT
    assert "nothing was compared" in told(report)
    report = run_suite(NAMES[:1], load, target="numpy")
    report.missing = ("a/b",)
    assert report.exit_code == ExitCode.DIFFERENT
    assert "a/b: no golden file" in told(report)
    report.missing, report.unused = (), ("c/d",)
    assert report.exit_code == ExitCode.DIFFERENT
    assert "c/d: a golden file without a case" in told(report)
