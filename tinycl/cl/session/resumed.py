"""The experiment with which a session goes on: that of its checkpoint, but for what may change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinycl.cl.session.config import CHANGEABLE, Experiment
from tinycl.errors import TinyclError
from tinycl.train.config import data_table
from tinycl.train.fields import as_table
from tinycl.train.policies import policy_table

PARTS = ("scenario", "first", "stage", "strategy", "replay")  # tables besides data and policy


def resumed(
    saved: Mapping[str, Any], given: Mapping[str, Any], where: str, whole: bool = False
) -> Experiment:
    """Return the experiment with which a session goes on.

    Parameters
    ----------
    saved : mapping
        Table of the checkpoint.
    given : mapping
        Table of the file and the flags of now. What it leaves out is as it was.
    where : str
        The folder, for messages.
    whole : bool
        Whether tables in it are whole, as those of a file: what they leave out has its default.
        Otherwise it is as it was, where they do not name another kind or another data set.

    Raises
    ------
    TinyclError
        They differ in something that would make it another session. `CHANGEABLE` and the path of
        the data may differ.
    """
    made = Experiment.from_table({**saved, **(given if whole else _filled(saved, given))})
    ours, theirs = made.to_table(), Experiment.from_table(saved).to_table()
    for table in (ours, theirs):
        table["data"].pop("path", None)
    for key in (*theirs, *(k for k in ours if k not in theirs)):
        if key not in CHANGEABLE and ours.get(key) != theirs.get(key):
            raise TinyclError(
                f"resume: {key} is {ours.get(key)!r}; {where} was begun with {theirs.get(key)!r}. "
                "Leave it as it was, or begin another session with another --out"
            )
    return made


def _filled(saved: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given now with the keys that its tables leave out."""
    made = dict(given)
    for part in PARTS:
        if given.get(part) is not None:
            text = part == "scenario" and isinstance(given[part], str)
            now = as_table({"kind": given[part]} if text else given[part], part)
            made[part] = _over(saved.get(part, {}), now, "kind")
    if "data" in given:
        made["data"] = _over(saved["data"], data_table(given["data"]), "name")
    if "policy" in given:
        made["policy"] = _over(saved["policy"], policy_table(given["policy"]), "kind")
    return made


def _over(saved: Mapping[str, Any], now: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a table of now over the saved one, if it is of the same kind."""
    same = now.get(name, saved.get(name)) == saved.get(name)
    return {**(saved if same else {}), **now}
