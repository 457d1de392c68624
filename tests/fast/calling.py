"""Call one kernel of the engine on arrays, as the executor does."""

import ctypes
import functools
import importlib

import numpy as np
from numba import cfunc

from tinycl.contract import DEFAULT
from tinycl.fast import call
from tinycl.fast.micro import BIAS_FIRST, BIAS_LAST, TWO_ROUNDINGS
from tinycl.fast.native import KERNEL
from tinycl.ops import TABLE

GUARD = 64  # words in front of and behind outputs and scratch that must stay as they are
UNTOUCHED = np.uint32(0x7FA5A5A5)


@functools.cache
def compiled(name):
    """Compile a kernel; return its function and the one that sizes its scratch memory."""
    module = importlib.import_module(f"tinycl.fast.{name.partition('_')[0]}")
    scratch = getattr(module, f"{name}_scratch", lambda shapes, attrs: 0)
    return cfunc(KERNEL)(getattr(module, name)), scratch


def guarded(shape):
    """Return an array that was not written yet, and the memory around it."""
    size = int(np.prod(shape))
    room = np.full(size + 2 * GUARD, UNTOUCHED, np.uint32)
    return room[GUARD : GUARD + size].view(np.float32).reshape(shape), room


def run(name, tensors, attrs, contract=DEFAULT, cores=1, flags=0, gate=None):
    """Compute one operation with the engine's kernel; every core in turn, in one thread."""
    function, scratch = compiled(name)
    row = TABLE[name]
    tensors = [*tensors, *[None] * (len(row.inputs) - len(tensors))]
    shapes = row.shapes(*[None if t is None else t.shape for t in tensors], **attrs)
    out, around = guarded(shapes[0])
    tensors.append(out)
    words = [0] * call.HEADER
    words[call.MAC] = int(contract.mac == "mul_add")
    words[call.BY_WEIGHT] = int(contract.input_grad_taps == "by_weight")
    words[call.SPATIAL] = int(contract.taps == "spatial_major")
    words[call.BIAS_FIRST] = int(contract.bias == "start")
    flags |= TWO_ROUNDINGS if contract.mac == "mul_add" else 0
    if name.endswith("forward") and tensors[2] is not None:
        flags |= BIAS_FIRST if contract.bias == "start" else BIAS_LAST
    words[call.FUSED], words[call.GATE] = flags, 0 if gate is None else gate.ctypes.data
    tensors = [None if t is None else np.ascontiguousarray(t) for t in tensors]
    for t in tensors:
        axes = () if t is None else (*t.shape, 1, 1, 1, 1, 1)[:5]
        words += [0] * call.TENSOR if t is None else [t.ctypes.data, t.size, t.ndim, *axes]
    values = row.attributes(attrs)
    words += [int(v) for a in row.attrs for v in np.atleast_1d(values[a.name])]
    need = scratch([None if t is None else t.shape for t in tensors], values)
    each = -(-need // 16) * 16
    _, room = guarded((each * cores + 16,))
    start = room[GUARD:].ctypes.data
    words[call.SCRATCH] = start + -start % 64
    words[call.SCRATCH_WORDS] = each
    block = np.array(words, np.int64)
    pointer = block.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))
    for core in range(cores):
        function.ctypes(pointer, core, cores)
    for memory in (around, room):
        assert (memory[:GUARD] == UNTOUCHED).all(), name
        assert (memory[-GUARD:] == UNTOUCHED).all(), name
    return out
