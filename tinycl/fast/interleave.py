"""Operations on channels that read the same gradient take turns, some channels each.

    dw, db, dx of a depthwise layer  ->  dw, db, dx of some channels; of the next ones; ...

What one has brought into the second-level cache the next one finds there. A kernel computes the
share of one core of many, which never changes bits; here one core takes many shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tinycl.plan import Op, Tensor

CHANNELWISE = frozenset(("depthwise_weight_grad", "depthwise_input_grad", "conv2d_bias_grad"))
CACHE = 1 << 20  # bytes that one turn touches: half of a second-level cache
LEAST = 16  # channels a turn


class Turns(NamedTuple):
    """Operations begin .. end-1 of a body take so many turns."""

    begin: int
    end: int
    turns: int


def find_turns(
    ops: Sequence[Op], fast: Sequence[bool], tensors: Mapping[str, Tensor], cores: int
) -> list[Turns]:
    """Find operations side by side that read the same dy, their last input, channel by channel.

    Parameters
    ----------
    ops : sequence of Op
        One body.
    fast : sequence of bool
        Whether the kernel of an operation is its own, not a plain loop.
    tensors : mapping of str to Tensor
    cores : int
        The number of turns is a multiple of it, so that no core waits.
    """
    found, begin = [], 0
    while begin < len(ops):
        end = begin
        while end < len(ops) and fast[end] and _joins(ops[begin], ops[end]):
            end += 1
        if end > begin + 1:
            names = {n for op in ops[begin:end] for n in (*op.reads, *op.writes)}
            wanted = -(-4 * sum(tensors[n].words for n in names) // CACHE)
            channels = tensors[ops[begin].reads[-1]].shape[1]
            turns = min(-(-wanted // cores), channels // LEAST // cores) * cores
            if turns > cores:
                found.append(Turns(begin, end, turns))
        begin = max(end, begin + 1)
    return found


def _joins(first: Op, op: Op) -> bool:
    return op.kind in CHANNELWISE and first.kind in CHANNELWISE and op.reads[-1] == first.reads[-1]
