"""Targets with own kernels, and suites on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tinycl.errors import TargetError
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import Golden
from tinycl.parity.findings import Report
from tinycl.parity.report import render
from tinycl.parity.suite import run_suite
from tinycl.target.c_target import CTarget

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


def refused(target: CTarget) -> str:
    with pytest.raises(TargetError) as caught:
        target.built()
    return str(caught.value)
