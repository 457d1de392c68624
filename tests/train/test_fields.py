"""Tables onto dataclasses: what fits arrives, what does not is told."""

from dataclasses import dataclass, fields
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl.errors import TinyclError
from tinycl.train.fields import build


@dataclass(frozen=True)
class Some:
    k: int
    ratio: float = 0.5
    unified: bool = False
    units: Literal["entries", "channels"] = "entries"
    by: str | tuple[int, ...] = "weight"
    pair: tuple[int, float] | None = None
    more: str | tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.k < 0:
            raise ValueError("k must not be below 0")


def test_what_fits():
    made = build(Some, {"k": 3, "ratio": 1, "by": [1, 2], "pair": [1, 2]}, "policy")
    assert made == Some(3, 1.0, False, "entries", (1, 2), (1, 2.0))
    assert type(made.ratio) is float
    assert type(made.pair[1]) is float


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, "policy: the key 'k' is missing"),
        (
            {"k": 1, "unifid": True},
            "unknown key 'unifid', did you mean 'unified'\\?; keys here: k, ",
        ),
        ({"k": 1, "zzz": True}, "policy: unknown key 'zzz'; keys here: k, ratio"),
        ({"k": 1.0}, "policy.k: must be a whole number, got 1.0"),
        ({"k": True}, "policy.k: must be a whole number, got True"),
        ({"k": 1, "ratio": True}, "policy.ratio: must be a number, got True"),
        ({"k": 1, "ratio": "x"}, "policy.ratio: must be a number, got 'x'"),
        ({"k": 1, "ratio": float("nan")}, "policy.ratio: must be a finite number, got nan"),
        ({"k": 1, "ratio": 10**400}, "policy.ratio: must be a finite number"),
        ({"k": 1, "unified": 1}, "policy.unified: must be true or false, got 1"),
        ({"k": 1, "units": "rows"}, "policy.units: must be one of entries, channels, got 'rows'"),
        ({"k": 1, "by": [1, "x"]}, "policy.by: must be a text or a list, each of them a whole"),
        ({"k": 1, "pair": [1, 2, 3]}, "policy.pair: must be a list"),
        ({"k": 1, "more": {}}, r"policy.more: must be a text or a list, got {}"),
        ({"k": -1}, "policy: k must not be below 0"),
        ([1], r"policy: must be a table of keys and values, got \[1\]"),
    ],
)
def test_what_does_not_fit_is_told(table, told):
    with pytest.raises(TinyclError, match=told):
        build(Some, table, "policy")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*(f.name for f in fields(Some)), "x"]), VALUES))
def test_nothing_else_is_raised(table: dict[str, Any]):
    try:
        made = build(Some, table, "policy")
    except TinyclError as error:
        said = str(error)
    else:
        said = "policy" if isinstance(made, Some) else "another type"
    assert said.startswith("policy")
