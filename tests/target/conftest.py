"""One training plan, and the C targets, each built and started once a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.target.c_target import CTarget
from tinycl.target.gvsoc import GvsocTarget
from tinycl.target.host import HostTarget
from tinycl.target.qemu import QemuTarget
from tinycl.target.registry import with_options

from owned import Own  # isort: skip
from runs import Work  # isort: skip


def need(target: CTarget) -> None:
    """Skip, and say what to install, where a target does not work."""
    reason = target.available()
    if reason is not None:
        pytest.skip(f"target {target.name} is not available: {reason}")


@pytest.fixture(scope="session")
def host() -> Iterator[HostTarget]:
    target = HostTarget()
    need(target)
    yield target
    target.close()


@pytest.fixture(scope="session")
def qemu() -> Iterator[QemuTarget]:
    target = QemuTarget()
    need(target)
    yield target
    target.close()


@pytest.fixture(scope="session")
def gvsoc() -> Iterator[GvsocTarget]:
    """Take it in tests marked `gvsoc` only."""
    target = GvsocTarget()
    need(target)
    yield target
    target.close()


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


@pytest.fixture(scope="session")
def training() -> Work:
    """Linear layer, cross-entropy, SGD with momentum; a setup; streamed samples; a record."""
    n, fi, fo, steps = 5, 7, 3, 4
    tensors = [
        Tensor("x", (n, fi), "f32", "input"),
        Tensor("target", (n,), "i32", "input"),
        Tensor("w", (fo, fi), "f32", "weight"),
        Tensor("b", (fo,), "f32", "weight"),
        Tensor("v", (fo, fi), "f32", "state"),
        Tensor("total", (fo,), "f32", "state"),
        Tensor("z", (n, fo)),
        Tensor("p", (n, fo)),
        Tensor("loss", (n,)),
        Tensor("mean_loss", ()),
        Tensor("dz", (n, fo), "f32", "gradient"),
        Tensor("dw", (fo, fi), "f32", "gradient"),
        Tensor("db", (fo,), "f32", "gradient"),
    ]
    sgd = {"lr": 0.1, "weight_decay": 0.01}
    train = (
        Op("linear_forward", ("x", "w", "b"), ("z",)),
        Op("softmax_cross_entropy_forward", ("z", "target"), ("p", "loss")),
        Op("mean", ("loss",), ("mean_loss",), {"count": n}),
        Op("softmax_cross_entropy_input_grad", ("p", "target"), ("dz",), {"batch": n}),
        Op("linear_weight_grad", ("x", "dz"), ("dw",)),
        Op("linear_bias_grad", ("dz",), ("db",)),
        Op("accumulate", ("total", "db"), ("total",)),
        Op("sgd", ("w", "dw", "v"), ("w", "v"), {**sgd, "momentum": 0.9}),
        Op("sgd", ("b", "db", None), ("b", None), {**sgd, "momentum": 0.0}),
    )
    setup = (Op("clear", ("total",), ("total",)),)
    plan = Plan(
        {t.name: t for t in tensors},
        {
            "setup": Body("setup", setup),
            "train": Body("train", train, ("x", "target"), ("mean_loss",)),
        },
        (Run("setup", 1), Run("train", steps)),
        ("w", "b", "v", "total"),
    )
    random = np.random.default_rng(1)
    inputs = {
        "x": random.standard_normal((steps, n, fi), dtype=np.float32),
        "target": random.integers(0, fo, (steps, n), dtype=np.int32),
        "w": random.standard_normal((fo, fi), dtype=np.float32),
        "b": np.zeros(fo, np.float32),
        "v": np.zeros((fo, fi), np.float32),
        "total": np.ones(fo, np.float32),
    }
    return plan, inputs


@pytest.fixture(scope="session")
def large() -> Work:
    """Add two tensors of 8 MiB."""
    shape = (2, 1024, 1024)
    tensors = [Tensor("a", shape, "f32", "input"), Tensor("b", shape, "f32", "input")]
    tensors.append(Tensor("y", shape))
    body = Body("all", (Op("add", ("a", "b"), ("y",)),))
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 1),), ("y",))
    random = np.random.default_rng(2)
    bits = random.integers(0, 1 << 32, (2, *shape), dtype=np.uint32).view(np.float32)
    return plan, {"a": bits[0], "b": bits[1]}
