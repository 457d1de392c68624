"""What differs between two reports: every number and every digest is compared."""

from __future__ import annotations

from collections.abc import Iterator

from tinycl.profile.model import Measured, Operation, Profile, Report
from tinycl.profile.record import SERIES


def changes(old: Report, new: Report) -> Iterator[str]:
    """Yield one line for each thing that changed, in the order of the reports.

    Parameters
    ----------
    old, new : Report
        Two runs of one build on a simulator are equal, so any line has a cause.
    """
    for name in ("target", "what", "contract", "facts"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{name}: was {before}, is {after}"
    befores = {p.name: p for p in old.profiles}
    afters = {p.name: p for p in new.profiles}
    for key in dict.fromkeys((*befores, *afters)):
        if key not in afters or key not in befores:
            yield f"{key}: {'no longer' if key in befores else 'newly'} there"
        else:
            yield from (f"{key}: {told}" for told in _profile(befores[key], afters[key]))


def _profile(old: Profile, new: Profile) -> Iterator[str]:
    if old.steps != new.steps:
        yield f"steps: were {old.steps}, are {new.steps}"
    for key in dict.fromkeys((*old.digests, *new.digests)):
        before, after = old.digests.get(key), new.digests.get(key)
        if before != after:
            yield f"bits of {key}: were {_short(before)}, are {_short(after)}"
    if old.different != new.different:
        yield f"different from the specification: were {old.different}, are {new.different}"
    kinds = [[(o.body, o.place, o.kind, o.tensor) for o in p.operations] for p in (old, new)]
    if kinds[0] != kinds[1]:
        yield f"operations: were {len(kinds[0])}, are {len(kinds[1])}, or are others"
        return
    for before_op, after_op in zip(old.operations, new.operations, strict=True):
        if before_op.macs != after_op.macs:
            yield f"{_where(before_op)}: MAC were {before_op.macs:,}, are {after_op.macs:,}"
    settings = dict.fromkeys(run.setting for p in (old, new) for run in p.runs)
    for setting in settings:
        found = [p.find(*setting) for p in (old, new)]
        if found[0] is None or found[1] is None:
            yield f"{setting}: {'newly' if found[0] is None else 'no longer'} there"
        else:
            yield from (f"{setting}: {told}" for told in _run(old, found[0], found[1]))


def _run(p: Profile, old: Measured, new: Measured) -> Iterator[str]:
    for name in SERIES:
        pairs = zip(p.operations, getattr(old, name), getattr(new, name), strict=True)
        for operation, before, after in pairs:
            if before != after:
                share = f" ({after / before - 1:+.2%})" if before else ""
                yield f"{_where(operation)}: {name} were {before:,}, are {after:,}{share}"


def _where(operation: Operation) -> str:
    return f"{operation.body}/{operation.place:02d}.{operation.kind}"


def _short(digest: str | None) -> str:
    return "not there" if digest is None else digest[:16]
