"""The pytest plugin: options and fixtures for tests of kernels.

pytest loads this at every start, so nothing of tinycl is imported before a fixture is used. All
fixtures live as long as the session: a runner is started once, and hypothesis takes them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tinycl.contract import Contract
    from tinycl.golden.schema import Golden
    from tinycl.plan import Plan
    from tinycl.target.registry import Target
    from tinycl.target.result import Result

DEFAULT_TARGET = "host"
PARAMETERS = ("tinycl_target", "tinycl_cores")
TIMEOUT = 120.0  # seconds for one run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Describe the options."""
    group = parser.getgroup("tinycl", "tests of kernels, bit by bit")
    group.addoption(
        "--tinycl-target",
        type=_names,
        metavar="NAME",
        help="numpy, numba, host, qemu, gvsoc, or several: host,qemu (default: host, which skips "
        "where it is not available; a target that is named never skips)",
    )
    group.addoption(
        "--tinycl-cores",
        type=_cores,
        default=(1,),
        metavar="N",
        help="cores, such as 1,3,8: a test for each (default: 1)",
    )
    group.addoption(
        "--tinycl-local",
        type=_local,
        default=0,
        metavar="PLACE",
        help="tiles in local memory: none, so many bytes, or all of it (default: none)",
    )
    parser.addini(
        "tinycl_kernels",
        "C files whose functions take the place of the reference's kernels of the same names",
        type="paths",
        default=[],
    )


def _names(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.split(",")))
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of targets such as host,qemu")
    return found


def _cores(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if not all(w.isascii() and w.isdecimal() and 0 < int(w) < 1 << 16 for w in words):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of cores such as 1,3,8")
    return tuple(dict.fromkeys(map(int, words)))


def _local(text: str) -> int:
    if text in ("none", "all"):
        return 0 if text == "none" else -1
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 31:
        raise argparse.ArgumentTypeError(f"{text!r} is not all, none or a number of bytes")
    return int(text)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a target that does not exist before any test runs."""
    named = config.getoption("tinycl_target")
    if named:
        from tinycl.target.registry import TARGETS

        for name in named:
            if name not in TARGETS:
                raise pytest.UsageError(
                    f"--tinycl-target: {name!r} does not exist; choose from {', '.join(TARGETS)}"
                )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test for each target and each number of cores that the test depends on."""
    option = metafunc.config.getoption
    values = (option("tinycl_target") or (DEFAULT_TARGET,), option("tinycl_cores"))
    for fixture, chosen in zip(PARAMETERS, values, strict=True):
        if fixture in metafunc.fixturenames:
            ids = [str(value) for value in chosen]
            metafunc.parametrize(fixture, chosen, ids=ids, indirect=True, scope="session")


@pytest.fixture(scope="session")
def tinycl_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Executor that ``--tinycl-target`` names, with the kernels of the option `tinycl_kernels`."""
    from tinycl.target.c_target import CTarget
    from tinycl.target.registry import PYTHON_TARGETS, get, with_options

    name, option = request.param, request.config.getoption
    kernels = [str(path) for path in request.config.getini("tinycl_kernels")]
    if name in PYTHON_TARGETS and not kernels and not option("tinycl_local"):
        target: Target = get(name)
    else:
        target = with_options(name, kernels=kernels, local=option("tinycl_local"))
    reason = target.available()
    if reason is not None:
        told = f"target {name} is not available: {reason}"
        if not option("tinycl_target"):
            pytest.skip(told)
        pytest.fail(told, pytrace=False)
    yield target
    if isinstance(target, CTarget):
        target.close()


@pytest.fixture(scope="session")
def tinycl_cores(request: pytest.FixtureRequest) -> int:
    """Return a number of cores of ``--tinycl-cores``."""
    return int(request.param)


@pytest.fixture(scope="session")
def tinycl_golden(request: pytest.FixtureRequest) -> Callable[[str], Golden]:
    """Return a function from a golden's name, or its file relative to the rootdir, to the golden.

    A name that is no file in the folder ``golden`` is a case of the catalogue, and computed.
    """
    from tinycl.golden.find import find

    root = request.config.rootpath

    def golden(named: str | Path) -> Golden:
        text = str(named)
        if text.endswith(".h5"):
            return find(str(root / text))
        own = root / "golden"
        return find(text, own if (own / f"{text}.h5").is_file() else None)

    return golden


@pytest.fixture(scope="session")
def tinycl_run(tinycl_target: Target, tinycl_cores: int) -> Callable[..., Result]:
    """Return a function that runs a golden, or a plan and its inputs, on the target and cores.

    ``tinycl_run(golden)``, ``tinycl_run(plan, inputs, contract=..., checked=True, timeout=120)``.
    The contract is the golden's or the default one, as the target speaks it (`Target.spoken`).
    """
    from tinycl.target.registry import run

    def run_here(
        work: Golden | Plan,
        inputs: Mapping[str, Any] | None = None,
        *,
        contract: Contract | None = None,
        checked: bool = True,
        timeout: float = TIMEOUT,
    ) -> Result:
        plan, data, said = _parts(work, inputs, contract)
        return run(
            plan,
            data,
            target=tinycl_target,
            contract=tinycl_target.spoken(said),
            checked=checked,
            cores=tinycl_cores,
            timeout=timeout,
        )

    return run_here


@pytest.fixture(scope="session")
def tinycl_check(
    tinycl_target: Target, tinycl_run: Callable[..., Result]
) -> Callable[..., dict[str, Any]]:
    """Return a function that runs, as `tinycl_run` does, and asserts every bit of every tensor.

    What is expected is the golden's, or the specification's where there is none or where the target
    speaks another contract. Returns the tensors.
    """
    from tinycl.golden.schema import Golden
    from tinycl.parity.axes import result_axes
    from tinycl.target.registry import run
    from tinycl.testing.equality import assert_bits_equal

    def check(
        work: Golden | Plan,
        inputs: Mapping[str, Any] | None = None,
        *,
        contract: Contract | None = None,
        timeout: float = TIMEOUT,
    ) -> dict[str, Any]:
        __tracebackhide__ = True
        plan, data, said = _parts(work, inputs, contract)
        spoken = tinycl_target.spoken(said)
        if isinstance(work, Golden) and inputs is None and spoken == work.contract:
            expected = work.tensors
        else:
            expected = run(plan, data, contract=spoken).tensors()
        got = tinycl_run(plan, data, contract=said, timeout=timeout).tensors()
        name = work.name if isinstance(work, Golden) else ""
        assert_bits_equal(expected, got, axes=result_axes(plan), name=name)
        return got

    return check


def _parts(
    work: Golden | Plan, inputs: Mapping[str, Any] | None, contract: Contract | None
) -> tuple[Plan, Mapping[str, Any], Contract]:
    """Return plan, inputs and contract of a golden, or of a plan with its inputs."""
    from tinycl.contract import DEFAULT
    from tinycl.errors import ShapeError
    from tinycl.golden.schema import Golden

    if isinstance(work, Golden):
        data = work.inputs if inputs is None else inputs
        return work.plan, data, contract or work.contract
    if inputs is None:
        raise ShapeError("tinycl_run: a plan takes inputs; a golden brings its own")
    return work, inputs, contract or DEFAULT
