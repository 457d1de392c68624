"""Equal bits or an AssertionError that says what `tinycl diff` would say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from tinycl.errors import ShapeError
from tinycl.parity.compare import Difference, compare
from tinycl.parity.report import MOST_ROWS, differences_table

Axes = str | Sequence[str]

WIDE = 120  # columns of the table


def assert_bits_equal(
    expected: Any, got: Any, axes: Axes | Mapping[str, Axes] | None = None, name: str = ""
) -> None:
    """Compare two tensors, or two mappings of tensors, bits only.

    A NaN equals a NaN, whatever its sign and payload; +0 and -0 differ.

    Parameters
    ----------
    expected, got : ndarray of float32 or int32, or mapping of str to ndarray
        Such as `Golden.tensors` and `Result.tensors()`.
    axes : str, sequence of str, or mapping of str to these, optional
        Names of the axes, such as ``"n co ho wo"``; of a mapping by tensor.
    name : str
        Of the tensor, or of what the tensors belong to.

    Raises
    ------
    AssertionError
        For each tensor that differs: how many elements, the first and the one that is furthest off,
        in coordinates, hexadecimal, decimal and ulp.
    ShapeError
        A mapping against an array, mappings without any tensor, or a tensor of another dtype
        expected: nothing could be compared.
    """
    __tracebackhide__ = True
    if isinstance(expected, Mapping) != isinstance(got, Mapping):
        raise ShapeError(
            "assert_bits_equal: takes two arrays or two mappings of arrays; expected is "
            f"{type(expected).__name__}, got is {type(got).__name__}"
        )
    if isinstance(expected, Mapping):
        if not expected and not got:
            raise ShapeError("assert_bits_equal: both mappings are empty; there is nothing to test")
        of = axes if isinstance(axes, Mapping) else dict.fromkeys(expected, axes)
        ours, theirs, of = ({str(k): v for k, v in m.items()} for m in (expected, got, of))
        found = _differences(ours, theirs, of)
        total = len({**expected, **got})
    else:
        if isinstance(axes, Mapping):
            raise ShapeError("assert_bits_equal: axes by name belong to mappings; give one string")
        found, total = _differences({name: expected}, {name: got}, {name: axes}), 1
        name = ""
    if found:
        raise AssertionError(_told(found, name, total))


def _differences(
    expected: Mapping[str, Any], got: Mapping[str, Any], axes: Mapping[str, Axes | None]
) -> dict[str, Difference]:
    found = {}
    for key in (*expected, *(k for k in got if k not in expected)):
        if key not in got:
            difference: Difference | None = _lost("missing", expected[key], "it did not come back")
        elif key not in expected:
            difference = _lost("unexpected", got[key], "nobody expects it")
        else:
            difference = compare(expected[key], got[key], axes.get(key) or "")
        if difference is not None:
            found[key] = difference
    return found


def _lost(kind: str, value: Any, told: str) -> Difference:
    size = int(getattr(value, "size", 1))
    return Difference(kind, size, size, told=told)


def _told(found: Mapping[str, Difference], name: str, total: int) -> str:
    """Return a line that names the first tensor that differs, and the table of all of them."""
    from rich.console import Console

    key, worst = next(iter(found.items()))
    head = ": ".join(part for part in (name, key) if part) or "tensor"
    if worst.first is None:
        head += f": {worst.kind}: {worst.told}"
    else:
        first = worst.first
        head += (
            f": {worst.differing} of {worst.total} elements differ, first at "
            f"{worst.place(first)}: {first.expected_hex} expected, got {first.got_hex}"
        )
    if total > 1:
        head += f" ({len(found)} of {total} tensors differ)"
    table = differences_table((k or "tensor", d, "") for k, d in list(found.items())[:MOST_ROWS])
    caption, table.caption, table.box, table.show_lines = table.caption, None, None, False
    text = StringIO()
    Console(file=text, width=WIDE, color_system=None, highlight=False).print(table)
    lines = [head, "", *(line.rstrip() for line in text.getvalue().rstrip().splitlines())]
    if caption:
        lines.append(str(caption))
    if len(found) > MOST_ROWS:
        lines.append(f"and {len(found) - MOST_ROWS} more")
    return "\n".join(lines)
