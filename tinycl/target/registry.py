"""The executors by name; each module is imported only when its target is asked for."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import TargetError, TargetMissing
from tinycl.plan import Plan
from tinycl.target.result import Result

if TYPE_CHECKING:
    from tinycl.target.c_target import CTarget

TARGETS = {
    "numpy": "tinycl.target.numpy_target:NumpyTarget",
    "numba": "tinycl.target.numba_target:NumbaTarget",
    "host": "tinycl.target.host:HostTarget",
    "qemu": "tinycl.target.qemu:QemuTarget",
    "gvsoc": "tinycl.target.gvsoc:GvsocTarget",
}


PYTHON_TARGETS = ("numpy", "numba")


class Target(Protocol):
    """What every executor offers."""

    name: str
    most_cores: int

    def available(self) -> str | None:
        """Return None if the target works here, else what to install."""

    def spoken(self, contract: Contract) -> Contract:
        """Return the contract whose bits this target computes when asked for `contract`."""

    def run(
        self,
        plan: Plan,
        inputs: Mapping[str, Any],
        *,
        contract: Contract = DEFAULT,
        checked: bool = True,
        cores: int = 1,
        timeout: float | None = None,
    ) -> Result:
        """Run a plan."""


@functools.cache
def get(name: str) -> Target:
    """Return the one executor of that name in this process.

    Raises
    ------
    TargetError
        No target of that name.
    """
    made: Target = _kind(name)()
    return made


def _kind(name: str) -> Any:
    if name not in TARGETS:
        raise TargetError(f"target {name!r} does not exist; choose from {', '.join(TARGETS)}")
    module, _, attribute = TARGETS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def with_options(
    name: str, *, kernels: Sequence[str] = (), local: int = 0, count: bool = False
) -> CTarget:
    """Return a new executor of a target that runs C.

    Parameters
    ----------
    name : {"host", "qemu", "gvsoc"}
    kernels : sequence of str
        C files; each of their functions takes the place of the kernel of the same name.
    local : int
        Bytes of local memory that tiles may take; 0: all operations work in place, -1: all of it.
    count : bool
        Return what each operation took: `Result.costs`.

    Raises
    ------
    TargetError
        No target of that name, not one that runs C, or an odd amount of memory.
    """
    kind = _kind(name)
    if name in PYTHON_TARGETS:
        c_targets = ", ".join(n for n in TARGETS if n not in PYTHON_TARGETS)
        raise TargetError(
            f"target {name} does not run C; choose from {c_targets} for kernels of your own, for "
            "local memory and for costs"
        )
    made: CTarget = kind(count=count, local=local)
    if kernels:
        made.recipe = replace(made.recipe, kernels=tuple(kernels))
    return made


_threads = 1


def set_num_threads(count: int) -> None:
    """Set how many threads the target ``numba`` uses where `run` is not told; bits do not change.

    Raises
    ------
    TargetError
        Fewer than one, or more than the engine takes.
    """
    global _threads
    most = get("numba").most_cores
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
        raise TargetError(f"set_num_threads: takes 1 to {most} threads, got {count!r}")
    _threads = count


def run(
    plan: Plan,
    inputs: Mapping[str, Any],
    *,
    target: str | Target = "numpy",
    contract: Contract = DEFAULT,
    checked: bool = True,
    cores: int | None = None,
    timeout: float | None = None,
) -> Result:
    """Run a plan on a target.

    Parameters
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
        One array for each input, weight and state; streams as (slices, *shape).
    target : {"numpy", "numba", "host", "qemu", "gvsoc"} or Target
        A name, or an executor, such as `with_options` returns.
    contract : Contract
        The C targets take the default one only, with either `selection_order`; gvsoc what
        `Target.spoken` makes of it.
    checked : bool
        Return what every operation wrote; otherwise only outputs and records.
    cores : int, optional
        Threads or harts; never changes a bit. Default: what `set_num_threads` said for ``numba``,
        else 1.
    timeout : float, optional
        Seconds until a C target is stopped.

    Returns
    -------
    Result

    Raises
    ------
    TargetMissing
        The target does not work on this machine; the message says what to install.
    TargetError
        It crashed, hung, or returned something unreadable.
    ShapeError
        Inputs that do not fit the plan.
    """
    executor = get(target) if isinstance(target, str) else target
    name = executor.name
    if cores is None:
        cores = _threads if name == "numba" else 1
    reason = executor.available()
    if reason is not None:
        raise TargetMissing(f"target {name} is not available: {reason}")
    if (
        isinstance(cores, bool)
        or not isinstance(cores, int)
        or not (1 <= cores <= executor.most_cores)
    ):
        raise TargetError(f"target {name} runs on 1 to {executor.most_cores} cores, got {cores!r}")
    return executor.run(
        plan, inputs, contract=contract, checked=checked, cores=cores, timeout=timeout
    )
