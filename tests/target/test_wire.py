"""Requests and replies, without and with a runner."""

from __future__ import annotations

import random
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tinycl.bits import equal
from tinycl.errors import TargetError
from tinycl.plan import Body, Op, Plan, Run, Tensor, check_inputs
from tinycl.target.build import Recipe, source_folder
from tinycl.target.host import HostTarget
from tinycl.target.reply import ReplyReader
from tinycl.target.session import Session
from tinycl.target.table import codes, operations_inc
from tinycl.target.wire import encode, packet

from conftest import need  # isort: skip
from runs import Work  # isort: skip

HEADER_BYTES = 24
TINY = Plan(
    {"a": Tensor("a", (3,), "f32", "input"), "y": Tensor("y", (3,))},
    {"all": Body("all", (Op("relu_forward", ("a",), ("y",)),), ("a",), ("y",))},
    (Run("all", 2),),
    ("y",),
)
TINY_INPUTS = {"a": np.array([[1, -2, 3], [np.nan, 5, -6]], np.float32)}


def reply_words(*chunks: tuple[int, ...]) -> bytes:
    """Write a reply by hand: magic, chunks, end."""
    body = b"".join(struct.pack(f"<{len(c)}I", *c) for c in chunks)
    end = struct.pack("<5I", 0, len(chunks), zlib.crc32(body), 0, 0)
    return struct.pack("<I", 0x524C4354) + body + end


ONE, TWO, THREE, FIVE, NAN = 0x3F800000, 0x40000000, 0x40400000, 0x40A00000, 0x7FC00000
FIRST, SECOND = (ONE, 0, THREE), (NAN, FIVE, 0)
CHUNKS = (
    (1, 0, 0, 1, 3, *FIRST),
    (2, 0, 0, 1, 3, *FIRST),
    (1, 1, 0, 1, 3, *SECOND),
    (2, 1, 0, 1, 3, *SECOND),
    (3, 2, 0, 1, 3, *SECOND),
)
REPLY = reply_words(*CHUNKS)


def read(reply: bytes, piece: int = 1 << 20) -> ReplyReader:
    reader = ReplyReader("test", TINY, True)
    done = [reader.feed(reply[i : i + piece]) for i in range(0, len(reply), piece)]
    if not done or not done[-1]:
        raise TargetError("incomplete")
    return reader


def test_a_request_is_the_words_that_the_readme_describes() -> None:
    request = encode(TINY, check_inputs(TINY, TINY_INPUTS), cores=2, checked=True)
    head, body = request[:HEADER_BYTES], request[HEADER_BYTES:]
    rows = operations_inc().partition("\n")[2]
    assert struct.unpack("<6I", head) == (
        *(0x504C4354, 5, len(body), zlib.crc32(body), zlib.crc32(rows.encode()), 0),
    )
    assert list(struct.unpack(f"<{len(body) // 4}I", body)) == [
        *(2, 5, 1104, 2, 1, 1, 1, 0, 1, 0, 0),
        *(0, 1, 3, 1, 1, 1, 16),
        *(0, 1, 3, 1, 1, 1, 48),
        *(1, 1, 1, 0, 1),
        *(codes()["relu_forward"], 1, 1, 0, 0, 1),
        *(0, 2),
        1,
        *(0, 2, ONE, 0xC0000000, THREE, NAN, FIVE, 0xC0C00000),
    ]


@pytest.mark.parametrize("piece", [1, 3, 4, 20, 1000])
def test_a_reply_is_read_in_pieces_of_any_size(piece: int) -> None:
    result = read(REPLY, piece).result()
    assert result.outputs["y"].view(np.uint32).tolist() == list(SECOND)
    assert result.records["all/y"].view(np.uint32).tolist() == [list(FIRST), list(SECOND)]
    assert [e.key for e in result.trace] == [
        "0/all/00.relu_forward/y",
        "1/all/00.relu_forward/y",
    ]


def test_every_flipped_bit_of_a_reply_is_an_error() -> None:
    for bit in range(8 * len(REPLY)):
        damaged = bytearray(REPLY)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TargetError):
            read(bytes(damaged)).result()


def test_no_shorter_reply_is_complete() -> None:
    for length in range(len(REPLY)):
        with pytest.raises(TargetError, match="incomplete"):
            read(REPLY[:length])


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (reply_words(*CHUNKS[:-1]), "ends before"),
        (reply_words(*CHUNKS[1:]), "chunk 0 is"),
        (reply_words(*CHUNKS, CHUNKS[-1]), "expected none"),
        (reply_words(CHUNKS[0], CHUNKS[0]), "chunk 1 is"),
        (REPLY + b"\0", "1 bytes follow"),
        (b"warning: ...", "begins with"),
    ],
)
def test_a_wrong_reply_says_what_is_wrong(reply: bytes, why: str) -> None:
    with pytest.raises(TargetError, match=f"test: the reply is damaged: .*{why}"):
        read(reply)


def test_what_the_runner_reports_is_raised() -> None:
    text = (4, 0, 1, 0, 2, *struct.unpack("<2I", b"no room\0"))
    with pytest.raises(TargetError, match="test: the runner refused the request: no room"):
        read(reply_words(CHUNKS[0], text)).result()
    with pytest.raises(TargetError, match="damaged"):
        read(reply_words(text, CHUNKS[0]))


@pytest.fixture
def ask(host: HostTarget) -> Callable[[bytes], str]:
    """Send bytes to a runner; return its refusal."""
    return lambda request: refusal(host.command(), request)


def refusal(command: list[str], request: bytes) -> str:
    session = Session("test", lambda: command)
    reader = ReplyReader("test", TINY, True)
    try:
        session.exchange(request, reader.feed, 20)
        reader.result()
    except TargetError as error:
        return str(error)
    finally:
        session.close()
    return ""


def body_of(plan: Plan, inputs: dict[str, np.ndarray]) -> np.ndarray:
    request = encode(plan, check_inputs(plan, inputs), cores=1, checked=True)
    return np.frombuffer(request, "<u4", offset=HEADER_BYTES).copy()


@pytest.mark.parametrize(
    ("word", "value", "why"),
    [
        (0, 17, "17 cores asked for; this target has 1 to 16"),
        (0, 0, "0 cores asked for"),
        (1, 8, r"asked for 8; there are 1 \(trace\), 2 \(costs\) and 4 \(guards\)"),
        (2, 50, "tensor 1: outside the arena of 50 words"),
        (3, 1 << 30, "tensors and .* do not fit"),
        (3, 3, "tensor 2: "),
        (4, 2, "the request ends inside its|takes|no code|names|no tensor"),
        (6, 2, "no tensor"),
        (9, 2, r"selection order 2; there are 0 \(ascending\) and 1 \(heap\)"),
        (11, 4, "tensor 0: dtype 4"),
        (11, 0xFFFFFFFF, "tensor 0: dtype -1"),
        (12, 5, "tensor 0: dtype 0, rank 5"),
        (13, 0, "tensor 0: axis 0 has length 0"),
        (13, 0x7FFFFFFF, "tensor 0: outside the arena"),
        (14, 2, "tensor 0: axis 1 has length 2"),
        (24, 0xFFFFFFFF, "tensor 1: outside the arena"),
        (25, 1 << 31, "operation 1: "),
        (28, 7, "streamed tensors: no tensor 7; there are 2"),
        (29, 0xFFFFFFFF, "records: no tensor -1"),
        (30, 1000, "operation 0: no code 1000"),
        (31, 2, "relu_forward takes 1 inputs, 1 outputs and 0 attribute words, got 2, 1 and 0"),
        (34, 9, "relu_forward names tensor 9 of 2"),
        (36, 1, "schedule, line 0: body 1, 2 times"),
        (37, 3, "tensor 0: 3 slices are taken, 2 are there"),
        (38, 2, "outputs: no tensor 2"),
        (40, 1 << 31, "ends inside its streams"),
        (40, 1, "tensor 0: 2 slices are taken, 1 are there|behind the end"),
    ],
)
def test_a_wrong_request_is_refused(
    ask: Callable[[bytes], str], word: int, value: int, why: str
) -> None:
    body = body_of(TINY, TINY_INPUTS)
    body[word] = value
    said = ask(packet(body.tobytes()))
    assert "the runner refused the request" in said
    assert re.search(why, said), said


def test_a_damaged_envelope_is_refused(ask: Callable[[bytes], str]) -> None:
    request = bytearray(packet(body_of(TINY, TINY_INPUTS).tobytes()))
    assert ask(bytes(request)) == ""
    for byte, why in [
        (0, "not a request"),
        (4, "not a request"),
        (12, "arrived damaged"),
        (16, "built for other operations"),
        (20, "not a request"),
        (HEADER_BYTES + 40, "arrived damaged"),
    ]:
        request[byte] ^= 1
        assert why in ask(bytes(request))
        request[byte] ^= 1
    assert "behind the end" in ask(packet(body_of(TINY, TINY_INPUTS).tobytes() + bytes(4)))
    assert "ends inside its counts" in ask(packet(b""))


def test_a_refusal_leaves_the_target_usable(host: HostTarget, training: Work) -> None:
    plan, inputs = training
    before = host.run(plan, inputs).outputs["w"]
    reader = ReplyReader("host", plan, True)
    host._session.exchange(packet(b""), reader.feed, 20)
    with pytest.raises(TargetError, match="refused"):
        reader.result()
    assert equal(host.run(plan, inputs).outputs["w"], before)


def test_no_request_breaks_the_runner(tmp_path: Path, training: Work) -> None:
    """Change words of a request at random, under AddressSanitizer, with kernels that do nothing."""
    glue = "".join(
        f"struct call; void call_{name}(const struct call *c); "
        f"void call_{name}(const struct call *c) {{ (void)c; }}\n"
        for name in codes()
    )
    (tmp_path / "nothing.c").write_text(glue)
    folders = [source_folder() / "runner", source_folder() / "tile"]
    files = [p for f in folders for p in f.glob("*.c") if not p.match("calls_*")]
    sources = (str(tmp_path / "nothing.c"), *sorted(map(str, files)))
    flags = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    target = HostTarget(Recipe("host", "gcc", "-O1", False, flags, sources))
    need(target)
    limits = "ASAN_OPTIONS=max_allocation_size_mb=256:allocator_may_return_null=1"
    command = ["env", limits, *target.command()]
    plan, inputs = training
    good = body_of(plan, inputs)
    metadata = 11 + 7 * len(plan.tensors) + 150
    session = Session("test", lambda: command)
    choose = random.Random(3)
    odd = [0, 1, 2, 3, 5, 100, 1 << 16, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
    said = []
    for _ in range(300):
        body = good.copy()
        for _ in range(choose.choice([1, 1, 2, 5])):
            body[choose.randrange(metadata)] = choose.choice(odd)
        reader = ReplyReader("test", plan, True)
        try:
            session.exchange(packet(body.tobytes()), reader.feed, 20)
            reader.result()
        except TargetError as error:
            said.append(str(error))
    session.close()
    expected = (
        *("refused the request", "damaged: chunk", "damaged: it ends before"),
        "wrote outside its tensors",
    )
    assert [s for s in said if not any(e in s for e in expected)] == []
    assert sum("refused the request" in s for s in said) > 100
