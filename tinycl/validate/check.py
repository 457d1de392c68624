"""One case, checked: several calls with other poison, other orders of the cores, other history.

Each step yields what it finds, gravest first; a step that finds nothing costs one batch of calls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.validate.about import About
from tinycl.validate.case import Case, Tensors
from tinycl.validate.client import Client, Crash, Hang
from tinycl.validate.contracts import Kept
from tinycl.validate.judge import Verdict, judge
from tinycl.validate.kinds import Finding
from tinycl.validate.runs import PLACES, POISONS, Run, filled, outputs, request, run, start
from tinycl.validate.tell import element, first, listed, tell

STEADY = ("race", "reads")  # kinds that make equal calls differ, and that are no history
REPEATS = 16  # calls that must give the same
VALUE_KINDS = {"value": "wrong", "nan": "nan", "zero": "zero", "bits": "contract"}


def check(
    client: Client,
    case: Case,
    about: About,
    known: Collection[str] = (),
    kept: Kept | None = None,
) -> Finding | None:
    """Return the first finding whose kind is not known yet.

    Parameters
    ----------
    client : Client
    case : Case
    about : About
    known : collection of str
        Kinds of findings to pass over.
    kept : Kept, optional
        The contract that other cases have told: bits are held against it.
    """
    try:
        beyond = bool(about.broken(case))
        found = _limits(client, case, about) if beyond else _all(client, case, about, kept)
        return next((f for f in found if f.kind not in known), None)
    except Crash as error:
        finding = Finding("crash", case, str(error))
    except Hang as error:
        finding = Finding("hang", case, str(error))
    return None if finding.kind in known else finding


def _limits(client: Client, case: Case, about: About) -> Iterator[Finding]:
    reply = client.call([request(case, about)])[0]
    names = ", ".join(about.broken(case))
    if "statuses" not in reply:
        return
    if not all(reply["statuses"]):
        yield Finding("limit", case, f"{names} is declared, but it returns VALIDATE_DONE")
        return
    data = case.data() if case.kernel.in_place else {}
    for name, raw in zip(case.outputs, reply["outputs"], strict=True):
        was = POISONS[0] * (len(raw) // 4) if name not in data else data[name].tobytes()
        if raw != was:
            yield Finding("limit", case, f"{names}: it refuses, but has written to {name}")
    if reply["guards"] or reply["changed"]:
        yield Finding("limit", case, f"{names}: it refuses, but has written beside its output")


def _all(client: Client, case: Case, about: About, kept: Kept | None) -> Iterator[Finding]:
    base = start(case, about)
    wanted = [base, start(case, about, other=PLACES)]
    if case.cores > 1 and about.team == 0:
        wanted += [start(case, about, "backward"), start(case, about, "at once")]
    else:
        wanted.append(base)
    replies = client.call(wanted)
    yield from _own_words(case, replies[0])
    if "statuses" not in replies[0]:
        return
    if any(reply["stuck"] for reply in replies):
        waiting, ended = next(reply["stuck"] for reply in replies if reply["stuck"])
        told = f"of {case.cores} cores these wait: {listed(waiting)}; ended: {listed(ended)}"
        yield Finding("barrier", case, told)
        return
    if any(replies[0]["statuses"]):
        return
    runs = [Run(outputs(case, about, r["outputs"]), tuple(r["outputs"]), r) for r in replies]
    yield from _outside(case, runs)
    if any(r.raw != runs[0].raw for r in runs):
        yield from _unsteady(client, case, about, runs)
    if case.cores > 1 and about.team == 0 and not runs[0].reply["barriers"]:
        yield from _overlap(client, case, about)
    yield from _values(client, case, about, runs[0].outputs, kept)
    if about.accumulates:
        yield from _accumulation(client, case, about)


def _own_words(case: Case, reply: dict[str, Any]) -> Iterator[Finding]:
    if "statuses" not in reply:
        yield Finding("scratch", case, f"it returns {reply['scratch']} bytes")
    elif any(reply["statuses"]):
        yield Finding("refusal", case, f"the cores return {reply['statuses']}")


def _outside(case: Case, runs: list[Run]) -> Iterator[Finding]:
    kernel = case.kernel
    names = [n for n in (*kernel.inputs, *kernel.outputs) if case.optional or n != kernel.optional]
    names += ["the shape", "the scratch memory"]
    for one in runs:
        for index, side, distance in one.reply["guards"]:
            told = f"element {distance // 4 + 1} {side} {names[index]}, {distance} bytes off"
            yield Finding("outside", case, told)
        for index, byte in one.reply["changed"]:
            yield Finding("input", case, f"{names[index]}, element {byte // 4}")


def _unsteady(client: Client, case: Case, about: About, runs: list[Run]) -> Iterator[Finding]:
    """Say what makes the runs differ: the history, the order, or the poison of one place."""
    base = start(case, about)
    new = not any((case.name, kind) in client.trusted for kind in STEADY)
    once, again = run(client, case, about, [base, base], fresh=new)
    if once.raw != again.raw:
        rows = [run(client, case, about, [base] * REPEATS, fresh=True) for _ in range(2)]
        same = [one.raw for one in rows[0]] == [one.raw for one in rows[1]]
        told = f"the second of two equal calls: {first(once, again)}"
        yield Finding("state" if same else "unstable", case, told)
        return
    for schedule, told in (("backward", "last core first"), ("at once", "all at once")):
        if case.cores == 1 or about.team:
            continue
        (one,) = run(client, case, about, [start(case, about, schedule)], fresh=new)
        if one.raw != once.raw:
            if _moody(client, case, about, once):
                break
            client.trusted.add((case.name, "race"))
            told = f"first core first, or {told}: {first(once, one)}"
            yield Finding("race", case, told)
            return
    for place in PLACES:
        (one,) = run(client, case, about, [start(case, about, other=(place,))], fresh=new)
        if one.raw == once.raw:
            continue
        if _moody(client, case, about, once):
            break
        client.trusted.add((case.name, "reads"))
        if place == "out" and _adds(client, case, about):
            yield Finding("accumulates", case, first(once, one))
        elif place == "out" and _unwritten(once, one):
            yield Finding("unwritten", case, first(once, one))
        else:
            kind = {"out": "output", "scratch": "scratch", "guard": "outside"}[place]
            yield Finding(f"reads-{kind}", case, first(once, one))
        return
    if runs[0].raw != once.raw and not _moody(client, case, about, once):
        yield Finding("state", case, f"after calls with other data: {first(once, runs[0])}")
        return
    yield Finding("unstable", case, first(runs[0], next(r for r in runs if r.raw != runs[0].raw)))


def _moody(client: Client, case: Case, about: About, once: Run) -> bool:
    """Tell whether the same call gives something else now and then, with all as it was."""
    again = run(client, case, about, [start(case, about)] * REPEATS, fresh=True)
    return any(one.raw != once.raw for one in again)


def _unwritten(a: Run, b: Run) -> bool:
    """Tell whether what differs between two runs is the poison of each."""
    words = [np.frombuffer(b"".join(one.raw), np.uint32) for one in (a, b)]
    differ = words[0] != words[1]
    poison = [np.frombuffer(p, np.uint32)[0] for p in POISONS]
    return all(bool((w[differ] == p).all()) for w, p in zip(words, poison, strict=True))


def _adds(client: Client, case: Case, about: About) -> bool:
    """Tell whether the result is right over zeros, and more by what the output held otherwise."""
    fills = [request(case, about, prefill=filled(case, value)) for value in (0.0, 4096.0)]
    zeros, more = run(client, case, about, fills)
    verdict = judge(case, zeros.outputs)
    if verdict is not None and verdict.kind == "value":
        return False
    low, high = (one.outputs[case.outputs[0]].astype(np.float64) for one in (zeros, more))
    with np.errstate(all="ignore"):
        grown = np.abs(high - low - 4096) < 64 + 2.0**-10 * np.abs(low)
    return bool(low.any() and (grown | ~np.isfinite(low)).all())


def _overlap(client: Client, case: Case, about: About) -> Iterator[Finding]:
    (reply,) = client.call([start(case, about, "solo")])
    before = case.data() if case.kernel.in_place else {}
    if about.accumulates:
        before = filled(case, 0.0)
    writer: dict[str, Array] = {}
    for core, raw in enumerate(reply["solos"]):
        for name, value in outputs(case, about, raw).items():
            was = before[name].view(np.uint32) if name in before else POISON_WORD
            touched = np.ascontiguousarray(value).view(np.uint32) != was
            owner = writer.setdefault(name, np.full(value.shape, -1))
            both = touched & (owner >= 0)
            if both.any():
                place = tuple(int(i) for i in np.argwhere(both)[0])
                told = f"cores {owner[place]} and {core} of {case.cores} both write "
                yield Finding("race", case, told + element(case, name, place))
                return
            owner[touched] = core


POISON_WORD = np.frombuffer(POISONS[0], np.uint32)[0]


def _values(
    client: Client, case: Case, about: About, got: Tensors, kept: Kept | None
) -> Iterator[Finding]:
    if kept and kept.explains(case, got):
        return
    verdict = judge(case, got)
    if verdict is None or verdict.kind == "bits":
        if kept and not kept.learn(case):
            yield _departs(case, got, kept)
        elif verdict is not None and not kept:
            yield Finding("contract", case, tell(case, verdict), verdict)
        return
    kind = VALUE_KINDS[verdict.kind]
    after: Verdict | None = verdict
    if (case.name, kind) not in client.trusted:
        new = once(client, case, about, fresh=True)
        after = judge(case, new.outputs)
        if after is None or after.kind == "bits":
            history = "unstable" if _moody(client, case, about, new) else "state"
            told = f"after calls with other data: {tell(case, verdict)}"
            yield Finding(history, case, told, verdict)
            return
    assert after is not None
    client.trusted.add((case.name, kind))
    kind = VALUE_KINDS[after.kind]
    if case.cores > 1 and not about.broken(case.but(cores=1)):
        one = case.but(cores=1)
        right = judge(one, once(client, one, about).outputs)
        kind = "cores" if right is None or right.kind == "bits" else kind
    yield Finding(kind, case, tell(case, after), after)


def _departs(case: Case, got: Tensors, kept: Kept) -> Finding:
    verdict = judge(case, got, case.expected(kept.contract(case.cores)))
    assert verdict is not None
    told = f"{tell(case, verdict)} by {kept.contract(case.cores)}"
    return Finding("departs", case, told, verdict, contract=f"elsewhere {kept.told(case.cores)}")


def _accumulation(client: Client, case: Case, about: About) -> Iterator[Finding]:
    """Fill the output with numbers: they must be in the result."""
    if case.values != "plain":
        return
    held = filled(case, 16.0)
    (one,) = run(client, case, about, [request(case, about, prefill=held)])
    sums = {n: np.asarray(v + held[n], np.float32) for n, v in case.expected().items()}
    with np.errstate(all="ignore"):
        far = [np.abs(one.outputs[n] - v) > 2.0**-10 * (np.abs(v) + 16) for n, v in sums.items()]
    if any(mask.any() for mask in far):
        yield Finding("overwrites", case, "an output that held 16 everywhere")


def once(client: Client, case: Case, about: About, fresh: bool = False) -> Run:
    """Make one call, in a new process if `fresh`.

    Raises
    ------
    Crash, Hang
    """
    return run(client, case, about, [start(case, about)], fresh)[0]
