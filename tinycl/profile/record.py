"""Reports as JSON: written whole or not at all, and read with every mistake named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tinycl.errors import FileError
from tinycl.files import write_whole
from tinycl.profile.model import Measured, Operation, Profile, Report, Setting

FORMAT = 1
SERIES = ("cycles", "instructions", "tiles")


def to_dict(report: Report) -> dict[str, Any]:
    """Return a report as JSON holds it; equal reports have equal documents.

    Returns
    -------
    dict
        ``format``, ``target``, ``what``, ``contract``, ``facts``, ``unit``, ``different``, and
        ``profiles``: of each its name, ``steps``, ``operations`` (body, place, kind, tensor,
        direction, macs), ``runs`` (cores, local, and in the order of the operations cycles,
        instructions and tiles) and ``digests``. Numbers are sums over the steps.
    """
    return {
        "format": FORMAT,
        "target": report.target,
        "what": report.what,
        "contract": report.contract,
        "facts": dict(report.facts),
        "unit": report.unit,
        "different": list(report.different),
        "profiles": [_profile(p) for p in report.profiles],
    }


def _profile(p: Profile) -> dict[str, Any]:
    return {
        "name": p.name,
        "steps": p.steps,
        "operations": [
            [o.body, o.place, o.kind, o.tensor, o.direction, o.macs] for o in p.operations
        ],
        "runs": [
            {
                "cores": run.setting.cores,
                "local": run.setting.local,
                **{name: list(getattr(run, name)) for name in SERIES},
            }
            for run in p.runs
        ],
        "digests": dict(p.digests),
        "different": list(p.different),
    }


def dumps(report: Report) -> str:
    """Return the text of a report's file: one line an operation, a series, a digest."""
    document = to_dict(report)
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
    return _flat(text) + "\n"


def _flat(text: str) -> str:
    """Put each innermost list on one line."""
    lines: list[str] = []
    inside: list[str] | None = None
    for line in text.split("\n"):
        bare = line.strip()
        if bare.endswith("["):
            lines += inside or ()
            inside = [line]
        elif inside is None:
            lines.append(line)
        elif bare.startswith("]"):
            lines.append(inside[0] + " ".join(part.strip() for part in inside[1:]) + bare)
            inside = None
        elif bare[-1] in "{}" or ": " in bare:
            lines += [*inside, line]
            inside = None
        else:
            inside.append(line)
    return "\n".join(lines)


def write(path: Path, report: Report) -> None:
    """Write a report.

    Raises
    ------
    FileError
        The place cannot be written; what was there is still there.
    """
    write_whole(path, dumps(report).encode())


def read(path: Path) -> Report:
    """Read a report.

    Raises
    ------
    FileError
        No such file; not JSON; no report of this format; damaged.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: not JSON, or cut short: {error}") from error
    if not isinstance(document, dict) or "profiles" not in document:
        raise FileError(f"{path}: holds no profiles; give a file that tools/profile wrote")
    if document.get("format") != FORMAT:
        raise FileError(
            f"{path}: its format is {document.get('format')!r}; this tinycl reads {FORMAT}. Use "
            "the tinycl that wrote it"
        )
    try:
        return from_dict(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(
            f"{path}: damaged, or of another tinycl ({type(error).__name__}: {error}); make it "
            "again with tools/profile"
        ) from error


def from_dict(document: dict[str, Any]) -> Report:
    """Return the report of a document, or raise what Python raises where it is none."""
    return Report(
        target=_text(document["target"]),
        what=_text(document["what"]),
        contract=_text(document["contract"]),
        facts=dict(document["facts"]),
        profiles=tuple(_read_profile(page) for page in document["profiles"]),
    )


def _read_profile(page: dict[str, Any]) -> Profile:
    found = tuple(
        Operation(_text(body), _whole(place), _text(kind), _text(tensor), _text(way), _whole(macs))
        for body, place, kind, tensor, way, macs in page["operations"]
    )
    runs = []
    for run in page["runs"]:
        series = [tuple(_whole(value) for value in run[name]) for name in SERIES]
        if any(len(values) != len(found) for values in series):
            raise ValueError(f"{page['name']}: a series does not have {len(found)} operations")
        setting = Setting(_whole(run["cores"], 1), _whole(run["local"], -1))
        runs.append(Measured(setting, *series))
    return Profile(
        name=_text(page["name"]),
        steps=_whole(page["steps"], 1),
        operations=found,
        runs=tuple(runs),
        digests={_text(k): _text(v) for k, v in page["digests"].items()},
        different=tuple(_text(v) for v in page["different"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    return value


def _whole(value: Any, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{value!r} is not a whole number from {least} on")
    return value
