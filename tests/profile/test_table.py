"""Tables: means, shares, ratios, and the columns that mean something."""

from __future__ import annotations

import dataclasses

import pytest

from tests.profile.conftest import STEPS, small
from tinycl import sparse
from tinycl.errors import FileError
from tinycl.profile import markdown, put, render
from tinycl.profile.table import grids, notes, number, ratio
from tinycl.profile.text import BEGIN, END


def column(grid, name):
    return [row[grid.head.index(name)] for row in grid.rows]


def value(cell):
    return float(cell.replace(",", "").removesuffix("%"))


def test_the_grids_of_a_net(report):
    made = report()
    titles = [grid.title.partition(",")[0] for grid in grids(made)]
    assert titles == [
        "The whole step (means of 3 steps)",
        "By direction: dense",
        "By operation: dense",
        "By operation: dense",
        "Dense against each policy",
        "Dense against each policy",
    ]
    assert all(len(row) == len(grid.head) for grid in grids(made) for row in grid.rows)


def test_shares_are_of_the_whole(report):
    made = report()
    _, directions, in_place, tiles, *_ = grids(made)
    for grid in (in_place, tiles):
        assert sum(map(value, column(grid, "share"))) == pytest.approx(100, abs=1)
    shares = [place for place, name in enumerate(directions.head) if name == "share"]
    assert len(shares) == 4
    for place in shares:
        assert sum(value(row[place]) for row in directions.rows) == pytest.approx(100, abs=0.3)


def test_speed_up_and_means(report):
    made = report()
    whole, _, in_place, tiles, *_ = grids(made)
    p = made.profiles[0]
    for row, measured in zip(whole.rows, p.runs, strict=True):
        cells = dict(zip(whole.head, row, strict=True))
        assert cells["placement"] == ("tiles" if measured.setting.local else "in place")
        assert value(cells["cycles"]) == pytest.approx(sum(measured.cycles) / STEPS, abs=0.5)
        base = sum(p.base(measured).cycles)
        assert value(cells["speed-up"]) == pytest.approx(base / sum(measured.cycles), abs=0.01)
        macs = sum(o.macs for o in p.operations)
        assert value(cells["MAC/cycle"]) == pytest.approx(macs / sum(measured.cycles), abs=0.001)
    assert all(0.32 <= value(cell) <= 0.34 for cell in column(tiles, "of in place"))
    assert "of in place" not in in_place.head
    first = dict(zip(tiles.head, tiles.rows[0], strict=True))
    assert (first["MAC"], first["1 core"], first["4 cores"], first["tiles"]) == (
        "60", "160", "40", "2"
    )  # fmt: skip
    assert first["speed-up"] == "4.00"


def test_policies_against_dense(report):
    made = report()
    dense, other = made.profiles
    *_, in_place, tiles = grids(made)
    for grid, local in ((in_place, 0), (tiles, -1)):
        assert column(grid, "policy") == ["dense", "tinypropv2"]
        assert set(grid.rows[0][2::2]) == {"1.00"}
        row = dict(zip(grid.head, grid.rows[1], strict=True))
        both = [p.total(p.find(4, local)) / STEPS for p in (dense, other)]
        assert value(row["step on 4"]) == pytest.approx(both[1], abs=0.5)
        place = grid.head.index("step on 4") + 1
        assert value(grid.rows[1][place]) == pytest.approx(both[1] / both[0], abs=0.006)


def test_a_target_without_cycles_has_no_columns_for_them(report):
    made = report(cycles=False, most_cores=1, cores=None, places=(0,))
    assert made.unit == "instructions"
    for grid in grids(made):
        assert not {"cycles", "speed-up", "tiles", "of in place"} & set(grid.head)
    assert "MAC/instruction" in next(grids(made)).head
    assert "cycles" not in markdown(made)


def test_an_operation_without_cost(report):
    """Zero cycles of some operation, then of all: quotients are left out."""
    made = report([small()], cores=(1, 2), places=(0,))
    p = made.profiles[0]
    runs = [dataclasses.replace(r, cycles=(0, *r.cycles[1:])) for r in p.runs]
    first = dataclasses.replace(made, profiles=(dataclasses.replace(p, runs=tuple(runs)),))
    *_, operations = grids(first)
    row = dict(zip(operations.head, operations.rows[0], strict=True))
    assert (row["1 core"], row["speed-up"], row["MAC/cycle"], row["share"]) == ("0", "", "", "0.0%")
    nothing = tuple(0 for _ in p.operations)
    runs = [dataclasses.replace(r, cycles=nothing, instructions=nothing) for r in p.runs]
    empty = dataclasses.replace(made, profiles=(dataclasses.replace(p, runs=tuple(runs)),))
    assert "nan" not in markdown(empty)
    render(empty)


def test_cases_are_listed_together(report):
    made = report([small("a", steps=1), small("b", sparse.BiasOnly(), steps=1)], places=(0,))
    whole, operations = grids(made)
    assert column(whole, "profile") == ["a", "a", "b", "b"]
    assert set(column(operations, "profile")) == {"a", "b"}
    assert len(operations.rows) == sum(len(p.operations) for p in made.profiles)
    assert "means" not in whole.title


def test_notes(report):
    told = "\n".join(notes(report(places=(0, 3))))
    assert "with 3 bytes of local memory, no operation was cut into tiles" in told
    assert "all equal to the specification" in told
    assert "the default contract" in told
    told = "\n".join(notes(report([small()], break_bits=("linear2.bias",))))
    assert "4 of" in told
    assert "dense: output/linear2.bias (in place, 1 core)" in told
    assert list(grids(dataclasses.replace(report(), profiles=()))) == []


def test_numbers():
    assert [number(v) for v in (0, 0.25, 12.5, 99.96, 100.4, 1234567.8)] == [
        "0", "0.2", "12.5", "100.0", "100", "1,234,568"
    ]  # fmt: skip
    assert (ratio(1, 0), ratio(0, 4), ratio(1, 3, ".1%")) == ("", "0.00", "33.3%")


def test_the_place_in_a_page():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert put(page, "new | text") == f"before\n{BEGIN}\nnew | text\n{END}\nafter\n"
    for wrong in ("", BEGIN, END + BEGIN, page + page, page.replace(END, "")):
        with pytest.raises(FileError, match="once each"):
            put(wrong, "")
