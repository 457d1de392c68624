"""Layers over large images go sample by sample: each finds its input in a near cache.

    a = f(x), b = g(a), of n samples  ->  a[0] = f(x[0]), b[0] = g(a[0]); a[1] = f(x[1]), ...

Samples do not meet in a forward pass, so cores share them, and nobody waits between the operations.
In a backward pass they meet: the gradients of weights and biases go on from the sums of the sample
before, and SGD follows the last one. Gradients that only such a group sees are kept for one sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from tinycl.fast.extra import Extra
from tinycl.plan import Op, Tensor

LARGE = 1 << 16  # words of a sample's largest image: with such operations groups begin and end
SMALL = 1 << 14  # the least between them
CONVOLUTIONS = ("conv2d", "depthwise", "pointwise")
FORWARD = frozenset(f"{layer}_forward" for layer in CONVOLUTIONS)
SUMS = frozenset(f"{layer}_weight_grad" for layer in CONVOLUTIONS) | {"conv2d_bias_grad"}
IMAGES = {
    **dict.fromkeys(FORWARD, (0,)),
    **{f"{layer}_weight_grad": (0, 1) for layer in CONVOLUTIONS},
    **{f"{layer}_input_grad": (1,) for layer in CONVOLUTIONS},
    "conv2d_bias_grad": (0,),
}  # the inputs of which a sample takes its own part
Pair = tuple[Op, Extra]


@dataclass(frozen=True)
class Group:
    """Operations begin .. end-1 of a body, which go sample by sample.

    meet: their samples meet in sums, so that all cores do each operation. brief: tensors that are
    kept for one sample at a time.
    """

    begin: int
    end: int
    samples: int
    meet: bool = False
    brief: frozenset[str] = frozenset()


class _Touch(NamedTuple):
    """Tensors: each sample has its own part, or they share it; written; changed by the last one."""

    own: Set[str]
    shared: Set[str]
    written: Set[str]
    late: Set[str]


def images_of(op: Op, extra: Extra) -> set[str]:
    """Return the tensors of which a sample takes its own part."""
    names = {op.inputs[i] or "" for i in IMAGES[op.kind]} | {extra.gate or ""}
    return names - {""} if op.kind in SUMS else names - {""} | {*op.writes}


def find_groups(
    pairs: Sequence[Pair],
    tensors: Mapping[str, Tensor],
    cores: int,
    fast: Sequence[bool],
    seen: Set[str] = frozenset(),
) -> list[Group]:
    """Return the groups of a body.

    Parameters
    ----------
    pairs : sequence of (Op, Extra)
    tensors : mapping of str to Tensor
    cores : int
    fast : sequence of bool
        Whether the operation's own kernel computes it: others do not go on from sums.
    seen : set of str
        Tensors that are seen outside of the body.
    """
    samples = [_samples(p, tensors) if ok else 0 for p, ok in zip(pairs, fast, strict=True)]
    large = [n > 1 and _largest(p, tensors) >= LARGE for n, p in zip(samples, pairs, strict=True)]
    found: list[Group] = []
    begin = 0
    while begin < len(pairs):
        end = begin + 1
        if large[begin]:
            end = _reach(pairs, samples, begin)
            while not large[end - 1]:
                end -= 1
        forward = pairs[begin][0].kind in FORWARD
        if end > begin + 1 and _shared_well(samples[begin], cores, forward):
            brief = frozenset() if forward else _brief(pairs, begin, end) - seen
            found.append(Group(begin, end, samples[begin], not forward, brief))
        begin = end
    return found


def _reach(pairs: Sequence[Pair], samples: Sequence[int], begin: int) -> int:
    """Return the end of the operations that can go sample by sample with the first."""
    for end in range(begin + 1, len(pairs)):
        alike = (pairs[end][0].kind in FORWARD) == (pairs[begin][0].kind in FORWARD)
        if samples[end] != samples[begin] or not alike:
            return end
        if any(_collide(_touch(*pair), _touch(*pairs[end])) for pair in pairs[begin:end]):
            return end
    return len(pairs)


def _samples(pair: Pair, tensors: Mapping[str, Tensor]) -> int:
    """Return how many samples an operation can take one by one; 0 if it does not gain by it."""
    op, _ = pair
    if op.kind not in IMAGES:
        return 0
    images = images_of(*pair)
    x = tensors[op.inputs[IMAGES[op.kind][0]] or ""]
    own = sum(tensors[n].words // x.shape[0] for n in images)
    others = sum(tensors[n].words for n in {*op.reads, *op.writes} - images)
    return x.shape[0] if _largest(pair, tensors) >= SMALL and others <= own else 0


def _largest(pair: Pair, tensors: Mapping[str, Tensor]) -> int:
    return max(tensors[n].words // tensors[n].shape[0] for n in images_of(*pair))


def _shared_well(samples: int, cores: int, forward: bool) -> bool:
    """Tell whether cores have about the same to do, and do not wait for each other too often."""
    return samples % cores == 0 or samples >= 4 * cores if forward else cores == 1


def _touch(op: Op, extra: Extra) -> _Touch:
    if extra.done:
        return _Touch(set(), set(), set(), set())
    own, bias = images_of(op, extra), {extra.bias} if extra.bias else set()
    written = {*op.writes, *bias}
    return _Touch(own, {*op.reads, *written} - own, written, {*extra.state})


def _collide(first: _Touch, second: _Touch) -> bool:
    """Tell whether the second sees of the first, sample by sample, what it would not see else.

    What all samples share is only read, by both; or SGD changes it after the last sample, when the
    first has read it.
    """
    if first.late & (second.own | second.shared | second.late) or second.late & first.written:
        return True
    met = first.shared & (second.own | second.shared) | second.shared & first.own
    return bool(met & (first.written | second.written))


def _brief(pairs: Sequence[Pair], begin: int, end: int) -> frozenset[str]:
    """Return the images that only the operations begin .. end-1 touch, the writer first."""
    inside: set[str] = set()
    outside: set[str] = set()
    first: set[str] = set()
    for i, (op, extra) in enumerate(pairs):
        touched = {*op.reads, *op.writes, *extra.state, extra.gate or ""}
        if begin <= i < end:
            images = images_of(op, extra)
            outside |= (touched - images) | (images - {*op.writes} - inside)
            inside |= images
            first |= images & {*op.writes}
        else:
            outside |= touched
    return frozenset(first - outside)
