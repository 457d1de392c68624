"""Calling a kernel by hand: its words, its scratch memory, its outputs between guards."""

import ctypes

import numpy as np

from tinycl import bits
from tinycl.contract import DEFAULT
from tinycl.fast import call, registry
from tinycl.fast.words import operation_words
from tinycl.ops import TABLE

GUARD, FILLER = 64, 0x7F812345  # words on either side; a signalling NaN that no kernel makes
FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t)


class Guarded:
    """Words of memory with a guard on either side; what bytes leave of the last one is guard."""

    def __init__(self, shape, dtype):
        kind = np.dtype(bits.DTYPES[dtype])
        size = int(np.prod(shape)) * kind.itemsize
        self.all = np.full(-(-size // 4) + 2 * GUARD, FILLER, np.uint32)
        self.begin, self.end = 4 * GUARD, 4 * GUARD + size
        self.tensor = self.all.view(np.uint8)[self.begin : self.end].view(kind).reshape(shape)

    def check(self, what):
        wrong = self.all.view(np.uint8) != np.full(self.all.shape, FILLER, np.uint32).view(np.uint8)
        wrong[self.begin : self.end] = False
        assert not wrong.any(), f"{what}: wrote outside its memory"


def run(kernel, operation, tensors, attrs, contract=DEFAULT, cores=1, flags=0, gate=None):
    """Run a kernel as an operation, one core after the other; return the canonical outputs."""
    row = TABLE[operation]
    known = registry.kernel(kernel)
    given = [*tensors, *[None] * (len(row.inputs) - len(tensors))]
    memory = {}
    for arg, value in zip(row.inputs, given, strict=True):
        if value is not None:
            memory[arg.name] = Guarded(value.shape, arg.dtype)
            memory[arg.name].tensor[...] = value
    shapes = row.infer(
        [None if t is None else t.shape for t in given],
        [None if t is None else a.dtype for a, t in zip(row.inputs, given, strict=True)],
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
    need = known.scratch([None if t is None else t.shape for t in arrays], row.attributes(attrs))
    each = -(-need // 16) * 16
    room = Guarded((each * cores + 16,), "f32")
    block = operation_words(row, arrays, attrs, contract, flags, gate)
    start = room.tensor.ctypes.data
    block[call.SCRATCH], block[call.SCRATCH_WORDS] = start + -start % 64, each
    for core in range(cores):
        FUNCTION(known.address)(block.ctypes.data, core, cores)
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
