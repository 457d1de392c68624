"""Calling a kernel by hand: its words, its scratch memory, its outputs between guards."""

import ctypes
import functools
import importlib

import numpy as np
from numba import cfunc

from tinycl import bits
from tinycl.fast import call
from tinycl.fast.native import KERNEL
from tinycl.ops import TABLE

WORDS = ctypes.POINTER(ctypes.c_int64)
MACS = ("fma", "mul_add", "fma_via_double")
REDUCTIONS = ("sequential", "lanes", "grouped", "blocks", "split")
GUARD, FILLER = 8, 0x7F812345  # a signalling NaN that no kernel makes


@functools.cache
def compiled(module, name):
    """Compile a kernel; return a function of (words, core, cores), and its need of scratch."""
    home = importlib.import_module(f"tinycl.fast.{module}")
    kernel = cfunc(KERNEL)(getattr(home, name))
    scratch = getattr(home, f"{name}_scratch", lambda shapes, attrs: 0)
    return kernel, scratch


class Guarded:
    """Words of memory with a guard on either side."""

    def __init__(self, shape, dtype):
        size = int(np.prod(shape))
        self.all = np.full(size + 2 * GUARD, FILLER, np.uint32)
        self.tensor = self.all[GUARD : GUARD + size].view(bits.DTYPES[dtype]).reshape(shape)

    def check(self, what):
        edges = np.concatenate((self.all[:GUARD], self.all[-GUARD:]))
        assert (edges == FILLER).all(), f"{what}: wrote outside its memory"


def header(contract):
    """Return the first words of a call."""
    words = np.zeros(call.HEADER, np.int64)
    words[call.MAC] = MACS.index(contract.mac)
    words[call.FLUSH] = contract.subnormals == "flush"
    words[call.REDUCTION] = REDUCTIONS.index(contract.reduction.kind)
    words[call.SIZE] = contract.reduction.n
    words[call.PAIRWISE] = contract.reduction.join == "pairwise"
    words[call.FIRST] = contract.start == "first_product"
    words[call.BIAS_FIRST] = contract.bias == "start"
    words[call.SPATIAL] = contract.taps == "spatial_major"
    words[call.BY_WEIGHT] = contract.input_grad_taps == "by_weight"
    words[call.SKIP] = contract.padding == "skip"
    words[call.PER_SAMPLE] = contract.batch == "per_sample"
    return words


def describe(tensor):
    """Return the words of one tensor."""
    if tensor is None:
        return [0] * call.TENSOR
    axes = (*tensor.shape, 1, 1, 1, 1, 1)[: call.TENSOR - 3]
    return [tensor.ctypes.data, tensor.size, tensor.ndim, *axes]


def attribute_words(row, attrs):
    """Return the words of the attributes."""
    words = []
    for attr in row.attrs:
        value = row.attributes(attrs)[attr.name]
        if attr.kind == "f32":
            words.append(int(np.float32(value).view(np.int32)))
        else:
            words += value if attr.count > 1 else [value]
    return words


def run(module, kernel, operation, tensors, attrs, contract, cores):
    """Run a kernel as an operation, one core after the other; return the canonical outputs."""
    row = TABLE[operation]
    function, scratch = compiled(module, kernel)
    given = [*tensors, *[None] * (len(row.inputs) - len(tensors))]
    memory = {}
    for arg, value in zip(row.inputs, given, strict=True):
        if value is not None:
            memory[arg.name] = Guarded(value.shape, arg.dtype)
            memory[arg.name].tensor[...] = value
    shapes = row.infer(
        [None if t is None else t.shape for t in given],
        [None if t is None else ("i32" if t.dtype == np.int32 else "f32") for t in given],
        attrs,
    )
    outputs = []
    for arg, shape in zip(row.outputs, shapes, strict=True):
        if arg.updates is None:
            outputs.append(Guarded(shape, arg.dtype))
        else:
            outputs.append(memory.get(arg.updates))
    places = [memory.get(a.name) for a in row.inputs] + outputs
    arrays = [None if g is None else g.tensor for g in places]
    need = scratch([None if t is None else t.shape for t in arrays], row.attributes(attrs))
    room = Guarded((need * cores,), "f32")
    words = header(contract)
    words[call.SCRATCH], words[call.SCRATCH_WORDS] = room.tensor.ctypes.data, need
    block = np.array(
        [*words, *(w for t in arrays for w in describe(t)), *attribute_words(row, attrs)], np.int64
    )
    for core in range(cores):
        function.ctypes(block.ctypes.data_as(WORDS), core, cores)
    for guarded in (*places, room):
        if guarded is not None:
            guarded.check(kernel)
    for arg, value in zip(row.inputs, given, strict=True):
        updated = any(o.updates == arg.name for o in row.outputs)
        if value is not None and not updated:
            assert memory[arg.name].tensor.tobytes() == value.tobytes(), (
                f"{kernel}: wrote {arg.name}"
            )
    return [None if g is None else bits.canonical(g.tensor.copy()) for g in outputs]
