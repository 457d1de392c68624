"""Where each tensor lives: lifetimes, offsets in one arena, peak memory.

`checked` gives each tensor a place of its own. `lean` lets tensors whose lives inside a body do not
overlap share a place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from tinycl.plan.plan import Plan

ALIGNMENT = 16  # words: one 64-byte cache line


@dataclass(frozen=True)
class Layout:
    """Offsets and size of the arena, in 32-bit words."""

    offsets: Mapping[str, int]
    words: int


@dataclass(frozen=True)
class Life:
    """From the operation that writes a tensor to the last that reads it, inside one body."""

    body: str
    first: int
    last: int

    def overlaps(self, other: Life) -> bool:
        """Whether two tensors of one body are alive at the same time."""
        return self.body == other.body and self.first <= other.last and other.first <= self.last


Reads = Mapping[tuple[str, int], tuple[str, ...]]
Groups = Mapping[str, Sequence[tuple[int, int]]]


def lifetimes(
    plan: Plan,
    more: Reads | None = None,
    groups: Groups | None = None,
    brief: Set[str] = frozenset(),
) -> dict[str, Life]:
    """Lives of the transient tensors: used in one body only, and written there before read.

    A streamed tensor is written at operation -1; a recorded one is read after the last
    operation. Weights, states, plain inputs and outputs live as long as the plan and are not
    listed; neither are tensors that carry a value from one execution of a body to the next.
    `more` names what an executor reads besides, by body and operation; `groups` the operations
    of each body, begin to end-1, that it does at once, or again and again; what is `brief` lives
    anew each time.
    """
    lives: dict[str, Life] = {}
    lasting = {n for n, t in plan.tensors.items() if t.given and n not in plan.streamed}
    lasting.update(plan.outputs)
    for body in plan.bodies.values():
        here: dict[str, Life] = {n: Life(body.name, -1, -1) for n in body.streams}
        spans = {i: (begin, end - 1) for begin, end in (groups or {}).get(body.name, ())
                 for i in range(begin, end)}  # fmt: skip
        for index, op in enumerate(body.ops):
            now, span = (index, index), spans.get(index, (index, index))
            for name in (*op.reads, *(more or {}).get((body.name, index), ())):
                if name not in here:
                    lasting.add(name)
                else:
                    _, end = now if name in brief else span
                    here[name] = Life(body.name, here[name].first, end)
            for name in op.writes:
                begin, end = now if name in brief else span
                first = here[name].first if name in here else begin
                here[name] = Life(body.name, first, end)
        for name in body.records:
            if name in here:
                here[name] = Life(body.name, here[name].first, len(body.ops))
            else:
                lasting.add(name)
        for name, life in here.items():
            if name in lives:
                lasting.add(name)
            lives[name] = life
    return {name: life for name, life in lives.items() if name not in lasting}


def layout(
    plan: Plan,
    checked: bool,
    more: Reads | None = None,
    groups: Groups | None = None,
    guard: int = 0,
    brief: Set[str] = frozenset(),
) -> Layout:
    """Place every tensor.

    Parameters
    ----------
    plan : Plan
    checked : bool
        One place a tensor; otherwise places are shared, first fit, larger tensors first.
    more : mapping, optional
        What an executor reads besides: (body, place of the operation) to tensor names.
    groups : mapping, optional
        Operations that an executor does at once: body to (begin, end) of their places. What they
        read and write shares no place, but for what is brief.
    guard : int
        Words left free before the first tensor and behind each; a multiple of 16.
    brief : set of str, optional
        Tensors of which an executor keeps one sample at a time, written anew for each.

    Returns
    -------
    Layout
        Offsets are multiples of 16 words. In a lean layout bodies share the room of the
        transient tensors, behind that of the lasting ones.
    """
    lives = {} if checked else lifetimes(plan, more, groups, brief)
    words = {
        n: _room(t.words // (t.shape[0] if n in brief else 1)) for n, t in plan.tensors.items()
    }
    offsets: dict[str, int] = {}
    end = guard
    for name in plan.tensors:
        if name not in lives:
            offsets[name] = end
            end += words[name] + guard
    base = end
    for name in sorted(lives, key=lambda n: (-words[n], n)):
        taken = sorted(
            (offsets[other], offsets[other] + words[other] + guard)
            for other in lives
            if other in offsets and lives[name].overlaps(lives[other])
        )
        place = base
        for start, stop in taken:
            if place + words[name] + guard <= start:
                break
            place = max(place, stop)
        offsets[name] = place
        end = max(end, place + words[name] + guard)
    return Layout({name: offsets[name] for name in plan.tensors}, end)


def _room(words: int) -> int:
    return -(-words // ALIGNMENT) * ALIGNMENT
