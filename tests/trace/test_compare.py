"""Logs with everything that a UART does to them: never a wrong first difference."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinycl.errors import ExitCode
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.trace import Findings, Hash, Line, compare, expected, lines_in

CASE = "training/sparse_perceptron_layer_wise_plain"
JUNK = st.one_of(
    st.binary(max_size=12),
    st.sampled_from((b"\n", b"\r\n", b"@tc ", b"@tc 3 ", b"\x00", b"[INFO] heap 12\r\n", b" 7 ")),
)


@pytest.fixture(scope="session")
def hashes() -> list[Hash]:
    return expected(make(catalogue()[CASE]))


def printed(hashes: list[Hash], core: int = 0) -> list[bytes]:
    return [h.line(n, core).text.encode() for n, h in enumerate(hashes)]


@st.composite
def noisy(draw, lines: list[bytes]) -> tuple[bytes, set[int]]:
    """A log of lines, spoilt; and which lines are whole in it."""
    log, whole = b"", set()
    places = list(range(len(lines)))
    if draw(st.booleans()):
        places = draw(st.permutations(places))
    every = draw(st.integers(1, 10))  # how much goes wrong
    for place in places:
        line = lines[place]
        what = "whole"
        if draw(st.integers(0, every)) == 0:
            what = draw(st.sampled_from(("drop", "cut", "junk", "twice", "flip", "before")))
        end = draw(st.sampled_from((b"\n", b"\r\n")))
        at = draw(st.integers(0, len(line) - 1)) if what in ("cut", "junk", "flip") else 0
        if what in ("whole", "twice", "before"):
            whole.add(place)
        match what:
            case "whole":
                log += line + end
            case "twice":
                log += line + end + line + end
            case "before":
                log += draw(JUNK) + line + end
            case "cut":
                log += line[:at] + draw(st.sampled_from((b"", end)))
            case "flip":
                log += line[:at] + bytes([line[at] ^ 1 << draw(st.integers(0, 7))]) + line[at + 1 :]
                log += end
            case "junk":
                junk = draw(JUNK)
                log += line[:at] + junk + line[at:] + end
                if not junk or at == 0:  # before the line, or nothing
                    whole.add(place)
    return log, whole


@given(data=st.data())
@settings(max_examples=150)
def test_a_right_log_has_no_difference(data, hashes: list[Hash]) -> None:
    log, whole = data.draw(noisy(printed(hashes)))
    found = compare(log, hashes)
    assert found.mismatches == []
    assert found.unknown == []
    assert found.matched == found.read == len(whole)
    missing = [h for n, h in enumerate(hashes) if n not in whole and not h.optional]
    assert found.missing == missing
    computed = sum(not hashes[n].optional for n in whole)
    assert found.exit_code == (ExitCode.EQUAL if computed else ExitCode.USAGE)


@given(data=st.data())
@settings(max_examples=150)
def test_the_first_difference_is_the_first(data, hashes: list[Hash]) -> None:
    wrong = data.draw(st.sets(st.integers(0, len(hashes) - 1), min_size=1))
    spoilt = [replace(h, crc32=h.crc32 ^ 1) if n in wrong else h for n, h in enumerate(hashes)]
    log, whole = data.draw(noisy(printed(spoilt)))
    found = compare(log, hashes)
    seen = sorted(wrong & whole)
    assert [m.expected for m in found.mismatches] == [hashes[n] for n in seen]
    assert found.matched == len(whole) - len(seen)
    if seen:
        assert found.exit_code == ExitCode.DIFFERENT
        first = hashes[seen[0]]
        assert found.first.expected == first
        before = [h for h in found.missing if (h.step, h.place) < (first.step, first.place)]
        assert found.missing_before == len(before)
        assert f"{first.crc32 ^ 1:08x}" in found.first.told


@given(data=st.data())
@settings(max_examples=50)
def test_cores_print_in_turn(data, hashes: list[Hash]) -> None:
    cores = data.draw(st.integers(1, 8))
    queues = [printed(hashes, core) for core in range(cores)]
    log = b""
    while queues:
        queue = queues[data.draw(st.integers(0, len(queues) - 1))]
        take = data.draw(st.integers(1, 9))
        log += b"".join(line + b"\r\n" for line in queue[:take])
        del queue[:take]
        queues = [q for q in queues if q]
    found = compare(log, hashes)
    assert found.cores == tuple(range(cores))
    assert (found.read, found.matched, found.lost) == (cores * len(hashes), cores * len(hashes), 0)
    assert found.missing == []


@given(seed=st.integers(0, 1 << 32), mean=st.sampled_from((5, 50, 500)))
@settings(max_examples=30)
def test_characters_of_two_cores_are_mixed(seed: int, mean: int, hashes: list[Hash]) -> None:
    random = Random(seed)
    rests = [b"\r\n".join(printed(hashes, core)) for core in (0, 1)]
    log = bytearray()
    while any(rests):
        core, take = random.randrange(2), 1 + random.randrange(2 * mean)
        log += rests[core][:take]
        rests[core] = rests[core][take:]
    for _ in range(random.choice((0, 5, 50))):
        at = random.randrange(len(log))
        log[at : at + random.randrange(30)] = random.randbytes(random.randrange(20))
    found = compare(bytes(log), hashes)
    assert found.mismatches == found.unknown == []
    assert found.matched == found.read


def test_one_core_of_two_differs(hashes: list[Hash]) -> None:
    wrong = hashes[7].line(9, 1)._replace(crc32=3)
    log = b"\n".join([*printed(hashes), wrong.text.encode()])
    found = compare(log, hashes)
    assert [(m.expected, m.line.core) for m in found.mismatches] == [(hashes[7], 1)]
    assert found.lost == 9


@given(st.binary(max_size=300))
def test_noise_alone_is_no_pass(hashes: list[Hash], log: bytes) -> None:
    assert compare(log, hashes).exit_code == ExitCode.USAGE


def test_what_goes_in_is_no_pass(hashes: list[Hash]) -> None:
    given_ = [h for h in hashes if h.optional]
    found = compare(b"\n".join(printed(given_)), hashes)
    assert (found.matched, found.inputs) == (len(given_), len(given_))
    assert found.exit_code == ExitCode.USAGE


def test_other_lengths_names_and_steps(hashes: list[Hash]) -> None:
    last = hashes[-1]
    for change, told in (
        ({"words": last.words + 1}, f"{last.words} words expected, got {last.words + 1}"),
        ({"crc32": 1}, f"CRC-32 {last.crc32:08x} expected, got 00000001"),
    ):
        found = compare(replace(last, **change).line(0).text.encode(), hashes)
        assert found.first.told == told
    for change in ({"step": 9}, {"operation": "x"}, {"tensor": "x"}):
        found = compare(replace(last, **change).line(0).text.encode(), hashes)
        assert len(found.unknown) == 1
        assert found.exit_code == ExitCode.USAGE


def test_places_of_operations() -> None:
    twice = [Hash(0, place, "add", "y", 4, place, f"{place}") for place in (3, 11)]
    bare = [h.line(0).text.encode() for h in twice]
    found = compare(b"\n".join(bare), twice)
    assert (found.matched, found.ambiguous, found.missing) == (2, 2, [])
    for name in ("03.add", "3.add", "003.add"):
        found = compare(Line(0, 0, 0, name, "y", 4, 3).text.encode(), twice)
        assert (found.matched, found.ambiguous, found.missing) == (1, 0, twice[1:])
        found = compare(Line(0, 0, 0, name, "y", 4, 11).text.encode(), twice)
        assert found.first.expected == twice[0]
    found = compare(Line(0, 0, 0, "add", "y", 4, 5).text.encode(), twice)
    assert found.first.told == "CRC-32 00000003 or 0000000b expected, got 00000005"


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=9),
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=20),
    st.tuples(*[st.integers(0, (1 << 32) - 1)] * 5),
    st.binary(max_size=20).filter(lambda junk: b"@" not in junk),
)
def test_lines_read_back(operation: str, tensor: str, numbers, junk: bytes) -> None:
    line = Line(*numbers[:3], operation, tensor, *numbers[3:])
    assert [x for x in lines_in(junk + line.text.encode() + junk) if x] == [line]


def test_a_long_log_is_read_in_time(hashes: list[Hash]) -> None:
    log = b"@tc " * 20_000 + b"@tc 1 0 0 a b" * 20_000
    found = compare(log, hashes)
    assert isinstance(found, Findings)
    assert found.damaged == 40_000
