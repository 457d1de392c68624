"""The kernels by name: where each lives, compiled when it is first needed and kept on disk.

Numba's own cache does not notice that an intrinsic in another file has changed, so the folder's
name is a hash of every source of the engine.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import llvmlite
import numba
import numpy as np
from numba import cfunc, config

from tinycl.fast.machine import DOTS, TILES, kind
from tinycl.fast.native import KERNEL

MODULES = (
    "activations", "bias", "chance", "conv2d", "depthwise", "depthwise_weight", "dropout",
    "elementwise", "fold", "gates", "head", "int8", "int8_depthwise", "int8_maps",
    "int8_tiles", "latents", "linear", "losses", "magnitudes", "memory_rows", "moments",
    "normalise", "optimisers", "places", "plain", "plain_survivors", "pointwise", "pooling",
    "quantise", "run", "sparse_bias", "sparse_conv2d", "sparse_depthwise", "sparse_linear",
    "sparse_pointwise", "squeeze", "subsets", "synapses", "tiles", "tinyprop", "top_k",
    "turns",
)  # fmt: skip


@dataclass(frozen=True)
class Kernel:
    """A compiled kernel: its address, and how much scratch memory a call needs."""

    name: str
    address: int
    scratch: Callable[..., int]


def cache_folder() -> Path:
    """Return the folder of this version's compiled kernels, below ``$TINYCL_CACHE``."""
    named, shared = os.environ.get("TINYCL_CACHE"), os.environ.get("XDG_CACHE_HOME")
    base = Path(named) if named else (Path(shared) if shared else Path.home() / ".cache") / "tinycl"
    return base / f"numba-{sources_hash(Path(__file__).parent)}"


def sources_hash(folder: Path) -> str:
    """Hash the engine's sources, the versions of Numba and LLVM, and the tiles' shapes."""
    told = (
        f"{numba.__version__} {llvmlite.__version__} {sys.version_info[:2]} {kind()} {TILES} {DOTS}"
    )
    digest = hashlib.sha256(told.encode())
    for path in sorted(folder.glob("*.py")):
        digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _cached() -> Iterator[None]:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder())
    try:
        yield
    finally:
        config.CACHE_DIR = before


@functools.cache
def homes() -> dict[str, str]:
    """Return the module of each kernel: a public function of three arguments, p, core, cores."""
    found = {}
    for module in MODULES:
        for name, thing in vars(_module(module)).items():
            if not isinstance(thing, FunctionType) or thing.__module__ != f"tinycl.fast.{module}":
                continue
            code = thing.__code__
            if code.co_varnames[: code.co_argcount] == ("p", "core", "cores"):
                found[name] = module
    return found


def _module(name: str) -> Any:
    return importlib.import_module(f"tinycl.fast.{name}")


_compiled: dict[str, Kernel] = {}
_alive: list[Any] = []  # compiled code lives as long as its Python object


def kernel(name: str) -> Kernel:
    """Return a kernel, compiling it if neither this process nor the disk has it."""
    if name not in _compiled:
        module = _module(homes()[name])
        with _cached():
            made = cfunc(KERNEL, cache=True)(getattr(module, name))
        _alive.append(made)
        scratch = getattr(module, f"{name}_scratch", lambda shapes, attrs: 0)
        _compiled[name] = Kernel(name, int(made.address), scratch)
    return _compiled[name]


@functools.cache
def tile_table(module: str) -> Any:
    """Return the addresses of the register tiles of a module, as a product reads them."""
    return np.array([kernel(name).address for name in _module(module).names()], np.int64)


def is_compiled(name: str) -> bool:
    """Whether this process has compiled or loaded a kernel already."""
    return name in _compiled


@functools.cache
def interpreter(name: str) -> Any:
    """Return `lead` or `serve` of `run`, from the disk if it is there."""
    function = getattr(_module("run"), name)
    with _cached():
        function.enable_caching()
    return function


@functools.cache
def scanner() -> Any:
    """Return `scan`, from the disk if it is there."""
    function = _module("scan").scan
    with _cached():
        function.enable_caching()
    return function
