"""Why tensors differ from a golden's: each operation judged on its own inputs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tinycl.bits import Array
    from tinycl.golden.schema import Golden
    from tinycl.infer import Inferred
    from tinycl.infer.calls import Call

SECONDS = 10.0  # for all operations together
LEAST = 0.2  # for one
SHARE = 0.5  # of the time that a search over whole runs has in any case
TOGETHER = "together"
RUN = "the whole run"
MOST_NAMES = 4
MOST_MACS = 50_000_000  # of one call; more takes the specification too long


@dataclass(frozen=True)
class Explanation:
    """What is known of an operation whose results differ.

    Attributes
    ----------
    cause : {"inputs", "contract", "chance", "none", "unsure", "unknown"}
        Its inputs differ and nothing else; another contract; a contract that may fit by chance; no
        contract; no contract, but its inputs did not come, either; not searched.
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


def explained(golden: Golden, got: Mapping[str, Array]) -> dict[str, Explanation]:
    """Explain the operations whose results differ from a golden's.

    Parameters
    ----------
    golden : Golden
        What is expected.
    got : mapping of str to ndarray
        What came, under the same names; any part of it. An operation is judged on the inputs that
        came, and on the golden's where none did.

    Returns
    -------
    dict of str to Explanation
        By operation, such as ``train/03.sgd``; under `TOGETHER` one contract for all that do not
        keep the golden's, if they are several; under `RUN` one for the whole run, where what an
        operation read did not come.
    """
    from tinycl.infer import infer, infer_run
    from tinycl.infer.calls import groups
    from tinycl.infer.dumped import inputs_with, placed, unlike

    plan, tensors = golden.plan, placed(golden.plan, got)
    names, deadline = unlike(golden.tensors, tensors), time.monotonic() + SECONDS
    skipped: dict[str, Explanation] = {}

    def wanted(call: Call) -> bool:
        if not call.among(names):
            return False
        large = plan.op_macs(call.op) > MOST_MACS
        if large or time.monotonic() > deadline:
            why = "too large" if large else "no time was left"
            told = f"not searched, {why}: `tinycl infer` takes its time"
            skipped[call.key] = Explanation("unknown", None, told)
            return False
        return True

    inputs = inputs_with(golden.inputs, got)
    judged = groups(plan, inputs, tensors, golden.contract, wanted, golden.tensors)
    failed = [group for group in judged.values() if group.wrong]
    found: dict[str, Explanation] = {}
    for key, group in judged.items():
        if not group.wrong:
            told = f"follows from its inputs; the step itself keeps the contract {golden.contract}"
            found[key] = Explanation("inputs", str(golden.contract), told)
    for number, group in enumerate(failed):
        left = deadline - time.monotonic()
        answer = group.search(max(left / (len(failed) - number + 1), LEAST))
        found[group.key] = _of(answer, group.assumed)
    if any(said.cause == "unsure" for said in found.values()):
        left = max(deadline - time.monotonic(), SHARE * SECONDS)
        run = infer_run(plan, inputs, tensors, golden.tensors, left)
        found[RUN] = _of(run)
        return skipped | found
    if len(failed) > 1:
        cases = [case for group in failed for case in group.cases]
        found[TOGETHER] = _of(infer(cases, max(deadline - time.monotonic(), LEAST)))
    return skipped | found


def _of(answer: Inferred, assumed: Sequence[str] = ()) -> Explanation:
    told = answer.told
    if assumed:
        told += f"; B lacks what it read, {', '.join(assumed)}, and the golden's was taken"
    if answer.contract is None:
        return Explanation("unsure" if assumed else "none", None, told)
    cause = "contract" if answer.certain else "chance"
    return Explanation(cause, str(answer.contract), told)


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
