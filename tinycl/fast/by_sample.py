"""Forward passes over large images go sample by sample: each finds its input in a near cache.

    a = f(x), b = g(a), of n samples  ->  a[0] = f(x[0]), b[0] = g(a[0]); a[1] = f(x[1]), ...

Samples do not meet in a forward pass, so cores share them, and nobody waits between the operations.
In a backward pass weight gradients, which sum over samples, stand between the input gradients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinycl.plan import Op, Tensor

LARGE = 3 << 15  # words of a sample's input and output that leave the nearest caches
LAYERS = frozenset(f"{layer}_forward" for layer in ("conv2d", "depthwise", "pointwise"))


def samples_of(op: Op, tensors: Mapping[str, Tensor]) -> int:
    """Return how many samples an operation can take one by one; 0 if it does not gain by it."""
    if op.kind not in LAYERS:
        return 0
    x, y = (tensors[n or ""] for n in (op.inputs[0], op.outputs[0]))
    return x.shape[0] if x.words + y.words >= LARGE * x.shape[0] else 0


def shared_evenly(samples: int, cores: int) -> bool:
    """Tell whether cores that share the samples have about the same to do."""
    return samples > 1 and (samples % cores == 0 or samples >= 4 * cores)


def find_groups(
    ops: Sequence[Op], tensors: Mapping[str, Tensor], cores: int
) -> list[tuple[int, int]]:
    """Return the operations of a body that go sample by sample together: begin .. end-1."""
    found: list[tuple[int, int]] = []
    samples = [samples_of(op, tensors) for op in ops]
    begin = 0
    while begin < len(ops):
        end = begin + 1
        while end < len(ops) and samples[end] == samples[begin] and not _meet(ops[begin : end + 1]):
            end += 1
        if end > begin + 1 and shared_evenly(samples[begin], cores):
            found.append((begin, end))
        begin = end
    return found


def _meet(ops: Sequence[Op]) -> bool:
    """Tell whether an operation writes what all samples of another one read: weights, biases."""
    shared = {n for op in ops for n in op.inputs[1:]}
    return any(n in shared for op in ops for n in op.writes)
