"""The C reference on the PULP cluster, under the simulator GVSoC; `cores` of its 8 cores.

Requests go to the simulator's standard input. Replies come on file descriptor 3, because the
simulator writes messages of its own to the standard output; here both outputs change places.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

import numpy as np

from tinycl.contract import Contract
from tinycl.errors import TargetError, TargetMissing
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.target.build import Recipe, source_folder
from tinycl.target.c_target import CTarget
from tinycl.target.simulator import find_simulator, revision

# At -O3 conv2d takes half the cycles; its loops still fit the 512 bytes that a core fetches ahead.
RECIPE = Recipe("pulp", optimise="-O3")
BOARD = "tinycl_pulp"  # c_ref/platform/pulp/target
SWAP = ("sh", "-c", 'exec "$@" 3>&1 1>&2', "sh")
QUICK = Path("/dev/shm")  # the simulator syncs what it writes
PROBE = (0x3F800001, 0x3FC00000, 0x80000001)  # a, b and c of a*b + c
KINDS = {0x3FC00001: "fma", 0x3FC00002: "fma_via_double"}
PROBE_SECONDS = 60.0


class GvsocTarget(CTarget):
    """Runs plans with c_ref on GVSoC's `pulp-open`.

    Parameters
    ----------
    recipe : Recipe, optional
        Another compiler or optimisation than the default.
    count : bool
        Return the cycles and instructions of each operation: `Result.costs`.
    local : int
        Bytes of the cluster's L1 memory that tiles may take; see `CTarget`.
    """

    name = "gvsoc"
    most_cores = 8

    def __init__(self, recipe: Recipe | None = None, count: bool = False, local: int = 0) -> None:
        super().__init__(recipe or RECIPE, count, local)
        self._scratch = Scratch()

    def command(self) -> list[str]:
        """Return the command line that starts the simulator; builds the program."""
        simulator = self._find()
        boards = source_folder() / "platform" / "pulp" / "target"
        return [
            *(*SWAP, str(simulator), f"--target={BOARD}", f"--target-dir={boards}"),
            *(f"--work-dir={self._scratch.folder()}", "--binary", *super().command(), "run"),
        ]

    def available(self) -> str | None:
        """Return None if the target works here, else what to do."""
        try:
            find_simulator()
        except TargetMissing as error:
            return str(error)
        return super().available()

    def spoken(self, contract: Contract) -> Contract:
        """Return the contract whose bits a run under `contract` has here.

        The same one, but with ``mac=fma_via_double`` for ``mac=fma`` where the simulator's FMA
        rounds twice.
        """
        return contract.but(mac=self.mac()) if contract.mac == "fma" else contract

    def mac(self) -> str:
        """Return ``fma`` or ``fma_via_double``: the arithmetic of the simulator's FMA.

        Raises
        ------
        TargetError
            It is neither.
        """
        simulator = str(self._find())
        if simulator not in _macs:
            _macs[simulator] = probe()
        return _macs[simulator]

    def simulator(self) -> dict[str, str]:
        """Return path, revision and kind of FMA of the simulator, for reports."""
        path = self._find()
        return {"path": str(path), "revision": revision(path), "mac": self.mac()}

    def close(self) -> None:
        """End the simulator; the next run starts another."""
        super().close()
        self._scratch.remove()

    def _find(self) -> Path:
        try:
            return find_simulator()
        except TargetMissing as error:
            raise TargetMissing(f"{self.name}: {error}") from error


_macs: dict[str, str] = {}  # by path of the simulator


def probe() -> str:
    """Ask the simulator for one multiply-add that tells how its FMA rounds."""
    names = ("a", "b", "c")
    tensors = [Tensor(name, (1,), "f32", "input") for name in names]
    tensors.append(Tensor("y", (1,)))
    body = Body("all", (Op("mac", names, ("y",)),))
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 1),), ("y",))
    values = np.array(PROBE, np.uint32).view(np.float32).reshape(3, 1)
    inputs = dict(zip(names, values, strict=True))
    target = GvsocTarget()
    try:
        result = target.execute(plan, inputs, checked=False, timeout=PROBE_SECONDS)
        bits = int(result.outputs["y"].view(np.uint32)[0])
    except TargetMissing:
        raise
    except TargetError as error:
        raise type(error)(
            f"{error}\nGVSoC runs with the python3 that comes first on PATH, which must have its "
            "packages; TINYCL_GVSOC may name a script of your own that sets PATH first"
        ) from error
    finally:
        target.close()
    if bits not in KINDS:
        raise TargetError(
            f"gvsoc: the FMA of {find_simulator()} is unknown: of "
            f"{', '.join(f'{p:08x}' for p in PROBE)} it makes {bits:08x}, where IEEE has 3fc00001 "
            "and a sum in double 3fc00002; no contract describes it"
        )
    return KINDS[bits]


class Scratch:
    """A folder for what the simulator writes, made when it is needed, removed at the end."""

    def __init__(self) -> None:
        self._finalizer: weakref.finalize[..., Scratch] | None = None
        self._path, self._owner = "", 0

    def folder(self) -> str:
        """Return the folder; a forked process gets one of its own."""
        if self._finalizer is None or not self._finalizer.alive or self._owner != os.getpid():
            self._path = _make_folder()
            self._owner = os.getpid()
            self._finalizer = weakref.finalize(self, _remove, self._path, self._owner)
        return self._path

    def remove(self) -> None:
        """Remove the folder, if there is one."""
        if self._finalizer is not None:
            self._finalizer()


def _make_folder() -> str:
    for place in (str(QUICK), None):
        try:
            return tempfile.mkdtemp(prefix="tinycl-gvsoc-", dir=place)
        except OSError as error:
            last = error
    raise TargetError(f"gvsoc: no folder for the simulator's files ({last}); set TMPDIR")


def _remove(path: str, owner: int) -> None:
    if owner == os.getpid():
        shutil.rmtree(path, ignore_errors=True)
