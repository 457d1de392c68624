"""Hex dumps as firmware prints them, and what noise and damage do to them."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.goldens import goldens
from tinycl.bits import equal, words
from tinycl.errors import FileError
from tinycl.export import Expected, read_tensors
from tinycl.export.dump import aliases
from tinycl.golden.layout import leading_axes, to_layout

NOISE = (
    "",
    "[INFO] heap 12 of 40 KiB",
    "temperature: 25.4",
    "\x1b[31mboot\x1b[0m rst=0x10",
    "\x00\xff\x80 garbage \ufffd",
    "warning at deadbeef: retry",
    "y",
    "}",
)


def dump(name: str, value, style: str, per_line: int) -> list[str]:
    """The lines of one tensor."""
    tokens = [f"{w:08x}" for w in words(value).reshape(-1)]
    rows = [tokens[i : i + per_line] for i in range(0, len(tokens), per_line)]
    if style == "colon":
        return [f"{name}: {' '.join(rows[0])}", *(" ".join(row) for row in rows[1:])]
    if style == "below":
        return [f"<7> {name} ({value.size}):", *("[12.3] " + " ".join(row) for row in rows)]
    inside = [", ".join(f"0x{t.upper()}U" for t in row) + "," for row in rows]
    return [f"const uint32_t {name}[{value.size}] = {{", *inside, "};"]


@given(golden=goldens(), data=st.data())
@settings(max_examples=60)
def test_dumps_with_noise(golden, data, tmp_path_factory) -> None:
    layout = data.draw(st.sampled_from(("chw", "hwc")))
    everything = golden.everything
    chosen = data.draw(st.lists(st.sampled_from(sorted(everything)), min_size=1, unique=True))
    known = aliases(list(everything), "p")
    lines: list[str] = []
    for name in chosen:
        # a name that C cannot have is printed under one that it can
        called = [a for a, n in known.items() if n == name and a.isidentifier() and a.isascii()]
        value = to_layout(everything[name], layout, leading_axes(golden.plan, name))
        style = data.draw(st.sampled_from(("colon", "below", "braces")))
        for line in dump(
            data.draw(st.sampled_from(called)), value, style, data.draw(st.integers(1, 9))
        ):
            lines += data.draw(st.lists(st.sampled_from(NOISE[:-1]), max_size=1))
            lines.append(line)
    end = data.draw(st.sampled_from(("\n", "\r\n")))
    path = tmp_path_factory.mktemp("x") / "uart.log"
    path.write_bytes(end.join(lines).encode("utf-8", "surrogateescape"))
    expected = Expected.of_golden(golden)
    expected = Expected(expected.name, expected.values, leading=expected.leading, prefix="p")
    found = read_tensors(path, expected, layout)
    assert found.partial
    assert set(found.values) == set(chosen)
    assert all(equal(found.values[n], everything[n]) for n in chosen)


@given(data=st.data())
def test_a_damaged_dump_is_never_whole(data, tmp_path_factory) -> None:
    """Cut anywhere, or with one character gone or changed: an error, a difference, or nothing."""
    value = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
    expected = Expected("a", {"output/y": value})
    style = data.draw(st.sampled_from(("colon", "below", "braces")))
    text = "\n".join(dump("y", value, style, data.draw(st.integers(1, 12))))
    first = text.index("0x") if style == "braces" else text.index("3f8")
    tags = {m.start() + k for m in re.finditer(r"\[12\.3\]", text) for k in range(6)}
    digits = [i for i, c in enumerate(text) if c in "0123456789abcdefABCDEF" and i >= first]
    at = data.draw(st.sampled_from([i for i in digits if i not in tags]))
    damage = data.draw(st.sampled_from(("cut", "drop", "change")))
    tail = {"cut": "", "drop": text[at + 1 :], "change": "g" + text[at + 1 :]}[damage]
    path = tmp_path_factory.mktemp("x") / "uart.txt"
    path.write_text(text[:at] + tail)
    try:
        found = read_tensors(path, expected).values
    except FileError:
        return
    assert not equal(found["output/y"], value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("y: 3f800000\n", "line 1: output/y has 1 of 2 words"),
        ("\ny:\n3f800000\nx: 00000000", "line 2: output/y has 1 of 2 words"),
        ("x: 00000000\ny:\n", "line 2: output/y has 0 of 2 words"),
        ("y[2] = {\nx: 00000000", "line 1: output/y has 0 of 2 words"),
        ("y: 3f800000\nother:\n3f800000", "line 1: output/y has 1 of 2 words"),
        ("y: 3f800000 3f800000 3f800000", "line 1: more words than the 2 of output/y"),
        ("y: 3f800000\n3f800000\n3f800000", "line 3: more words than the 2 of output/y"),
        ("y: 3f800000 3f80000", "line 1: '3f80000' among the words of output/y"),
        ("y: 3f8000 3f800000", "line 1: '3f8000' among the words of output/y"),
        ("y: 3f800000\n3f800000 x1", "line 2: 'x1' among the words of output/y"),
        (
            "y: 3f800000 00000000\ny: 3f800000 00000001",
            "twice with different words, in lines 1 and",
        ),
        ("dy: 3f800000 00000000", "no tensor of A in it, as lines such as 'output/y: "),
        ("y: mean 0.5", "no tensor of A in it"),
        ("", "no tensor of A in it"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "a.log"
    path.write_text(text)
    values = {"output/y": np.zeros(2, np.float32), "input/x": np.zeros((), np.float32)}
    with pytest.raises(FileError) as error:
        read_tensors(path, Expected("a", values))
    assert told in str(error.value)
    assert str(path) in str(error.value)


def test_the_same_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("y: 3f800000\nbla\noutput/y = 0x3f800000;\n")
    found = read_tensors(path, Expected("a", {"output/y": np.ones((), np.float32)}))
    assert found.values["output/y"] == 1


def test_names_with_everything_in_them(tmp_path: Path) -> None:
    values = {f"input/{n}": np.float32(i) for i, n in enumerate(("a", "a:b", "a[0]", "a =", "é ☃"))}
    path = tmp_path / "a.log"
    path.write_text(
        "\n".join(f"{name}: {int(v.view('u4')):08x}" for name, v in values.items()), "utf-8"
    )
    found = read_tensors(path, Expected("a", {n: np.asarray(v) for n, v in values.items()}))
    assert found.values == values


def test_whole_numbers_of_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.h"
    path.write_text("static const int32_t output_n[3] = {\n  INT32_MIN, -1,\n  12345678,\n};\n")
    value = np.array([-(1 << 31), -1, 12345678], np.int32)
    assert equal(read_tensors(path, Expected("a", {"output/n": value})).values["output/n"], value)
    for kind, value in (("uint8", [0, 255, 7]), ("int8", [-128, 127, -1])):
        path.write_text(f"const {kind}_t output_n[3] = {{{', '.join(map(str, value))}}};")
        value = np.array(value, kind)
        found = read_tensors(path, Expected("a", {"output/n": value})).values["output/n"]
        assert equal(found, value)
    value = np.array([0, 0, 0], np.int32)
    path.write_text("const int32_t output_n[3] = { 1, 2, 4294967295 };")
    with pytest.raises(FileError, match="'4294967295' among the words"):
        read_tensors(path, Expected("a", {"output/n": value}))


@pytest.mark.parametrize("name", ["y", "output/y", "output_y"])
def test_words_alone(tmp_path: Path, name: str) -> None:
    value = np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1)
    expected = Expected("a", {"output/y": value}, leading={"output/y": 0})
    there = to_layout(value, "hwc")
    text = tmp_path / "a.txt"
    text.write_text(
        "boot:\n" + "\n".join(f"0x{w:08x}" for w in words(there).reshape(-1)) + "\nend\n"
    )
    raw = tmp_path / "a.bin"
    raw.write_bytes(there.tobytes())
    for path in (text, raw):
        assert equal(read_tensors(path, expected, "hwc", name).values["output/y"], value)
        assert not equal(read_tensors(path, expected, "chw", name).values["output/y"], value)
    raw.write_bytes(there.tobytes()[:-1])
    with pytest.raises(FileError, match="23 bytes; output/y has 24"):
        read_tensors(raw, expected, None, name)
    text.write_text(text.read_text() + "\n00000000")
    with pytest.raises(FileError, match="line 10: more words than the 6 of output/y"):
        read_tensors(text, expected, None, name)
    text.write_text("boot\n")
    with pytest.raises(FileError, match="no words in it; output/y has 6"):
        read_tensors(text, expected, None, name)
    with pytest.raises(FileError, match="--tensor z: not one tensor of A"):
        read_tensors(text, expected, None, "z")


def test_short_names() -> None:
    several = ["input/w", "output/w", "trace/0/m/00.add/w", "trace/0/m/00.add/t", "record/m/t"]
    known = aliases([*several, "trace/0/m/01.add/u", "trace/1/m/01.add/u"])
    assert known["w"] == "output/w"
    assert known["t"] == "record/m/t"
    assert known["input_w"] == "input/w"
    assert "u" not in known


def test_words_of_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    for kind, told, meant in (
        ("uint8", "0x7f 000000ff", [127, 255]),
        ("int8", "0x7f 0xff ffffff80", [127, -1, -128]),
    ):
        path.write_text(f"y: {told}\n")
        expected = Expected("a", {"output/y": np.zeros(len(meant), kind)})
        assert read_tensors(path, expected).values["output/y"].tolist() == meant
    for kind, wrong in (("uint8", "ffffff80"), ("uint8", "00000100"), ("int8", "ffffff7f")):
        path.write_text(f"y: {wrong}\n")
        with pytest.raises(FileError, match=f"output/y: {wrong} is no {kind}; write a byte as"):
            read_tensors(path, Expected("a", {"output/y": np.zeros(1, kind)}))


def test_raw_bytes_of_one_tensor(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes([1, 255, 3]))
    expected = Expected("a", {"output/y": np.zeros(3, np.uint8)})
    assert read_tensors(path, expected, tensor="y").values["output/y"].tolist() == [1, 255, 3]
    with pytest.raises(FileError, match="3 bytes; output/y has 5"):
        read_tensors(path, Expected("a", {"output/y": np.zeros(5, np.uint8)}), tensor="y")
