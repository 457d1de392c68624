"""Hashes in a file of their own stand for the golden; those of a run come in parts."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinycl
from tinycl import nn
from tinycl.data import digits
from tinycl.errors import ExitCode, FileError
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.trace import Hash, Line, Recorder, compare, expected, hashes_of, lines_of, read_page

CASES = ("training/mobile_accumulated_hard", "training/sparse_perceptron_layer_wise_plain")


def page_of(hashes: list[Hash]) -> bytes:
    return "".join(f"{line.text}\n" for line in lines_of(hashes)).encode()


@pytest.fixture(scope="session", params=CASES)
def hashes(request: pytest.FixtureRequest) -> list[Hash]:
    return expected(make(catalogue()[request.param]))


@given(data=st.data())
@settings(max_examples=40)
def test_a_page_says_what_the_golden_says(data, hashes: list[Hash]) -> None:
    page = read_page(b"boot\r\n" + page_of(hashes), "a")
    assert len(page) == len(hashes)
    places = st.integers(0, len(hashes) - 1)
    wrong, lost = data.draw(st.sets(places, max_size=4)), data.draw(st.sets(places))
    placed = data.draw(st.booleans())
    log = []
    for n, (h, line) in enumerate(zip(hashes, lines_of(hashes), strict=True)):
        line = line._replace(crc32=h.crc32 ^ (n in wrong))
        if placed and not h.optional:
            line = line._replace(operation=f"{h.place:02d}.{h.operation}")
        log += [] if n in lost else [line.text.encode()]
    ours, theirs = (compare(b"\n".join(log), known) for known in (hashes, page))
    at = [(m.expected.step, m.line, m.told) for m in ours.mismatches]
    assert [(m.expected.step, m.line, m.told) for m in theirs.mismatches] == at
    assert (ours.matched, ours.expected) == (theirs.matched, theirs.expected)
    assert (ours.unknown, theirs.unknown) == ([], [])
    assert [(h.step, h.crc32) for h in ours.missing] == [(h.step, h.crc32) for h in theirs.missing]
    assert ours.exit_code == theirs.exit_code


def test_what_is_printed_twice_is_one(hashes: list[Hash]) -> None:
    page = read_page(page_of(hashes) + page_of(hashes), "a")
    assert len(page) == len(hashes)
    found = compare(page_of(hashes), page)
    assert (found.missing, found.exit_code) == ([], ExitCode.EQUAL)


def test_the_same_operation_twice() -> None:
    twice = [Hash(0, place, "add", "y", 4, place, f"{place}") for place in (3, 11)]
    assert [line.operation for line in lines_of(twice)] == ["03.add", "11.add"]
    page = read_page(page_of(twice), "a")
    for operation, crc32, code in (
        ("03.add", 3, ExitCode.EQUAL),
        ("3.add", 11, ExitCode.DIFFERENT),
        ("add", 11, ExitCode.EQUAL),
        ("add", 4, ExitCode.DIFFERENT),
        ("04.add", 3, ExitCode.USAGE),
    ):
        line = Line(0, 0, 0, operation, "y", 4, crc32)
        assert compare(line.text.encode(), page).exit_code == code


def test_damaged_pages(hashes: list[Hash]) -> None:
    page = page_of(hashes)
    with pytest.raises(FileError, match=f"after {len(hashes) - 1} whole ones"):
        read_page(page[:-2], "a")
    for nothing in (b"", b"boot\n"):
        with pytest.raises(FileError, match="b: no line '@tc ...' in it"):
            read_page(nothing, "b")


@pytest.mark.parametrize("microbatches", [1, 2])
@pytest.mark.parametrize("layout", ["chw", "hwc"])
def test_parts_of_a_run_are_the_whole(microbatches: int, layout: str) -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, kernel=3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10))
    optimiser, shape = nn.SGD(lr=0.1, momentum=0.9), (2, 1, 8, 8)
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), optimiser, shape, microbatches)
    split, steps = digits(), 5
    plan = training.plan(steps)
    inputs = training.values(1) | training.stream(split.images, split.labels, steps)
    inputs = tinycl.plan.check_inputs(plan, inputs)
    whole = hashes_of(plan, inputs, tinycl.run(plan, inputs).tensors(), layout)
    written: list[str] = []
    recorder, state, done = Recorder(written.append, layout), training.values(1), 0
    for count in (1, 3, 1):
        part, per = training.plan(count), 2 * microbatches
        images, labels = (v[done * per :] for v in (split.images, split.labels))
        given_ = state | training.stream(images, labels, count)
        given_ = tinycl.plan.check_inputs(part, given_)
        result = tinycl.run(part, given_, target="numba")
        recorder.add(part, given_, result.tensors())
        state, done = dict(result.outputs), done + count
    told = [
        replace(h, place=0, key="", counted=True) for h in read_page("".join(written).encode(), "a")
    ]
    plain = [
        replace(h, place=0, key="", operation=line.operation)
        for h, line in zip(whole, lines_of(whole), strict=True)
    ]
    assert told == plain
    numbers = [int(line.split()[1]) for line in "".join(written).splitlines()]
    assert numbers == list(range(len(whole)))
