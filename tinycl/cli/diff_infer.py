"""Why the tensors of a golden file differ: each operation judged on its own inputs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinycl.golden.schema import Golden
    from tinycl.infer import Inferred
    from tinycl.infer.calls import Call

SECONDS = 10.0  # for all operations together
LEAST = 0.2  # for one
TOGETHER = "together"
MOST_NAMES = 4
MOST_MACS = 50_000_000  # of one call; more takes the specification too long


@dataclass(frozen=True)
class Explanation:
    """What is known of an operation whose results differ.

    Attributes
    ----------
    cause : {"inputs", "contract", "chance", "none", "unknown"}
        Its inputs differ and nothing else; another contract; a contract that may fit by chance; no
        contract; not searched.
    contract : str or None
    told : str
        In a sentence.
    """

    cause: str
    contract: str | None
    told: str

    @property
    def style(self) -> str:
        """Colour of the line."""
        return {"none": "bold red", "contract": "bold yellow"}.get(self.cause, "")


def explained(a: Golden, b: Golden, differing: Iterable[str]) -> dict[str, Explanation]:
    """Explain the operations of B that wrote a tensor that differs.

    Parameters
    ----------
    a, b : Golden
        What is expected; what came. Of B the plan, the inputs and the trace are used.
    differing : iterable of str
        Names of tensors.

    Returns
    -------
    dict of str to Explanation
        By operation, such as ``train/03.sgd``; under `TOGETHER` one contract for all that do not
        keep A's, if they are several.
    """
    from tinycl.infer import infer
    from tinycl.infer.calls import groups

    if a.plan != b.plan:
        return {}
    names, deadline = set(differing), time.monotonic() + SECONDS
    skipped: dict[str, Explanation] = {}

    def wanted(call: Call) -> bool:
        place = f"trace/{call.step}/{call.body}/{call.op_index:02d}.{call.op.kind}"
        if not any(f"{place}/{name}" in names for name in call.op.writes):
            return False
        large = b.plan.op_macs(call.op) > MOST_MACS
        if large or time.monotonic() > deadline:
            why = "too large" if large else "no time was left"
            told = f"not searched, {why}: `tinycl infer` takes its time"
            skipped[call.key] = Explanation("unknown", None, told)
            return False
        return True

    found: dict[str, Explanation] = {}
    judged = groups(b.plan, b.inputs, b.tensors, a.contract, wanted)
    failed = [group for group in judged.values() if group.wrong]
    for key, group in judged.items():
        if not group.wrong:
            told = f"follows from its inputs; the step itself keeps the contract {a.contract}"
            found[key] = Explanation("inputs", str(a.contract), told)
    for number, group in enumerate(failed):
        left = deadline - time.monotonic()
        found[group.key] = _of(group.search(max(left / (len(failed) - number + 1), LEAST)))
    if len(failed) > 1:
        cases = [case for group in failed for case in group.cases]
        found[TOGETHER] = _of(infer(cases, max(deadline - time.monotonic(), LEAST)))
    return skipped | found


def _of(answer: Inferred) -> Explanation:
    if answer.contract is None:
        return Explanation("none", None, answer.told)
    cause = "contract" if answer.certain else "chance"
    return Explanation(cause, str(answer.contract), answer.told)


def lines(told: dict[str, Explanation]) -> Iterator[tuple[str, str]]:
    """Yield text and style of each explanation; those that follow from inputs share a line."""
    following = [key for key, said in told.items() if said.cause == "inputs"]
    searched = [(key, said) for key, said in told.items() if said.cause != "inputs"]
    for key, said in searched:
        yield f"{key}: {said.told}", said.style
    if following:
        some = ", ".join(following[:MOST_NAMES])
        more = len(following) - MOST_NAMES
        yield f"only their inputs differ: {some}" + (f" and {more} more" if more > 0 else ""), ""
