"""Kernels compiled in different processes are loaded into one: no two functions may share a name.

Numba numbers what a process compiles, from 1 on in each, and names a function by its module, its
name and that number. Where LLVM finds a name twice it takes the function that it saw first.
"""

import os
import subprocess
import sys
from collections import defaultdict

import pytest
from numba.core.dispatcher import Dispatcher

from tinycl.fast import registry


def called(function, found):
    """Add the compiled functions that a function may call, and what those call."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    codes = [function.__code__]
    names = {n for code in codes for n in code.co_names}
    things = [*cells, *(function.__globals__[n] for n in names if n in function.__globals__)]
    for thing in things:
        if isinstance(thing, Dispatcher) and thing not in found:
            found.append(thing)
            called(thing.py_func, found)


@pytest.fixture(scope="module")
def functions():
    found = []
    for name, module in registry.homes().items():
        called(getattr(registry._module(module), name), found)
    return found


def test_no_two_compiled_functions_have_one_name(functions):
    named = defaultdict(set)
    for function in functions:
        named[function.py_func.__module__, function.py_func.__qualname__].add(id(function))
    assert len(named) > 200
    assert [name for name, made in named.items() if len(made) > 1] == []


def test_the_functions_of_each_product_are_looked_at(functions):
    names = {f.py_func.__qualname__ for f in functions}
    for layer in ("conv2d", "pointwise", "linear"):
        for direction in ("forward", "weight_grad", "input_grad"):
            assert {f"{layer}_{direction}.walk", f"{layer}_{direction}.product"} <= names


RUN = """
import numpy as np
import tinycl
from tinycl.plan import Body, Op, Plan, Run, Tensor

shapes = {"w": (23, 37), "x": (2, 23, 5, 7), "v": (41, 19), "u": (3, 41)}
tensors = {n: Tensor(n, shapes[n], role="input") for n in shapes}
tensors |= {"y": Tensor("y", (2, 37, 5, 7)), "z": Tensor("z", (3, 19))}
ops = (Op("pointwise_input_grad", ("w", "x"), ("y",)), Op("linear_input_grad", ("v", "u"), ("z",)))
plan = Plan(tensors, {"go": Body("go", ops)}, (Run("go", 1),), ("y", "z"))
rng = np.random.default_rng(3)
inputs = {n: rng.standard_normal(shapes[n], np.float32) for n in shapes}
runs = [tinycl.run(plan, inputs, target=t, checked=False) for t in ("numba", "numpy")]
got, wanted = ({n: v.tobytes() for n, v in run.tensors().items()} for run in runs)
assert len(wanted) == 2
assert got == wanted, "other bits"
"""


COMPILE = """
import itertools, sys
from numba.core.bytecode import FunctionIdentity
from tinycl.fast import linear, pointwise, registry

layer, passed = sys.argv[1], int(sys.argv[2])
FunctionIdentity._unique_ids = itertools.count(1 + passed)
registry.kernel(f"{layer}_input_grad")
(made,) = vars(sys.modules[f"tinycl.fast.{layer}"])["_input_grad"].overloads.values()
print(made.fndesc.uid)
"""


def python(folder, code, *words):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, "TINYCL_CACHE": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_kernels_of_two_processes_go_together_in_a_third(tmp_path):
    """Their products have the same number, as happens by chance."""
    number = int(python(tmp_path / "kept", COMPILE, "pointwise", 50))
    other = int(python(tmp_path / "apart", COMPILE, "linear", 0))
    assert int(python(tmp_path / "kept", COMPILE, "linear", number - other)) == number
    python(tmp_path / "kept", RUN)
