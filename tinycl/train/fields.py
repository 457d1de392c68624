"""Tables of a TOML file onto dataclasses, by looking at their fields."""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from tinycl.errors import TinyclError

T = TypeVar("T")


def build(cls: type[T], table: object, where: str) -> T:
    """Make a dataclass from a table.

    Parameters
    ----------
    cls : type
        A dataclass. Its fields may be bool, int, float (which takes whole numbers too), str,
        literals, tuples of these, and unions with each other and with None.
    table : object
        What the file holds; a mapping of field names to values, if it is right.
    where : str
        Name of the table; it begins each message.

    Returns
    -------
    object
        Of `cls`; a field that the table leaves out has its default.

    Raises
    ------
    TinyclError
        No table, an unknown or missing key, a value of a wrong type, or one that `cls` refuses.
    """
    values = as_table(table, where)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}  # type: ignore[arg-type]
    known_keys(values, fields, where)
    for name, field in fields.items():
        none = field.default is field.default_factory is dataclasses.MISSING
        if none and name not in values:
            raise TinyclError(f"{where}: the key {name!r} is missing; give it a value")
    hints = typing.get_type_hints(cls)
    fitted = {name: fit(v, hints[name], f"{where}.{name}") for name, v in values.items()}
    try:
        return cls(**fitted)
    except (TinyclError, ValueError, TypeError, OverflowError) as error:
        raise TinyclError(f"{where}: {error}") from error


def as_table(value: object, where: str) -> Mapping[str, Any]:
    """Return a value that must be a table.

    Raises
    ------
    TinyclError
        It is something else.
    """
    if not isinstance(value, Mapping):
        raise TinyclError(f"{where}: must be a table of keys and values, got {value!r}")
    return value


def known_keys(table: Collection[str], known: Collection[str], where: str) -> None:
    """Raise TinyclError for a key that nobody reads; the message names the nearest ones."""
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            raise TinyclError(
                f"{where}: unknown key {key!r}{hint}; keys here: {', '.join(known) or 'none'}"
            )


def fit(value: Any, hint: Any, where: str) -> Any:
    """Return a value of a field's type.

    Parameters
    ----------
    value : object
        Of a TOML file.
    hint : type
        Of the field.
    where : str
        Begins the message.

    Raises
    ------
    TinyclError
        The value has another type, or is not a finite number.
    """
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _one_of(value, inner, hint, where)
    if origin is typing.Literal:
        if any(value == v and type(value) is type(v) for v in inner):
            return value
        raise TinyclError(f"{where}: must be one of {', '.join(map(str, inner))}, got {value!r}")
    if origin is tuple and isinstance(value, (list, tuple)):
        parts = (inner[0],) * len(value) if inner[1:] == (...,) else inner
        if len(parts) == len(value):
            return tuple(fit(v, p, where) for v, p in zip(value, parts, strict=True))
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise TinyclError(f"{where}: must be a finite number, got {value!r}")
        return number
    if hint in (bool, int, str) and type(value) is hint:
        return value
    if hint is Any or (hint is type(None) and value is None):
        return value
    raise TinyclError(f"{where}: must be {_told(hint)}, got {value!r}")


def _one_of(value: Any, hints: tuple[Any, ...], whole: Any, where: str) -> Any:
    for hint in hints:
        try:
            return fit(value, hint, where)
        except TinyclError:
            continue
    raise TinyclError(f"{where}: must be {_told(whole)}, got {value!r}")


def _told(hint: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_told(h) for h in inner if h is not type(None))
    if origin is typing.Literal:
        return " or ".join(map(repr, inner))
    if origin is tuple:
        return "a list" if Any in inner else f"a list, each of them {_told(inner[0])}"
    return names.get(hint, str(hint))
