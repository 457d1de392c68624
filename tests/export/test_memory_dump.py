"""Dumps with addresses, of bytes, and of one element a line, as tools and debuggers print them."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl.bits import equal, words
from tinycl.errors import FileError
from tinycl.export import Expected, read_tensors
from tinycl.testing.strategies import arrays

TOOLS = [
    "xxd",
    "xxd -g4",
    "xxd -g1 -c7",
    "xxd -u -g8",
    "xxd -e",
    "xxd -e -g8",
    "hexdump",
    "hexdump -C",
    "od -t x4",
    "od -A x -t x1",
    "od -A x -v -t x2",
    "od -A d -t x8",
    "od -A x -t x1z",
]


def rows(value, size: int = 16) -> list[tuple[int, bytes]]:
    """Addresses and bytes of the lines of a dump."""
    raw = value.astype(value.dtype.newbyteorder("<")).tobytes()
    return [(i, raw[i : i + size]) for i in range(0, len(raw), size)]


def patterns(raw: bytes) -> list[str]:
    return [f"{w:08x}" for w in np.frombuffer(raw, "<u4")]


def characters(raw: bytes) -> str:
    return "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in raw)


STYLES = {
    "gdb": lambda at, raw: (
        f"0x{at + 0x20000000:x} <y+{at}>:\t" + "\t".join(f"0x{p}" for p in patterns(raw))
    ),
    "openocd": lambda at, raw: f"0x{at + 0x20000000:08x}: {' '.join(patterns(raw))} ",
    "j-link": lambda at, raw: f"{at + 0x20000000:08X} = {' '.join(patterns(raw)).upper()}",
    "u-boot": lambda at, raw: f"{at + 0x8000:08x}: {' '.join(patterns(raw))}    {characters(raw)}",
    "xxd": lambda at, raw: f"{at:08x}: {raw.hex(' ', 2):39}  {characters(raw)}",
    "index": lambda at, raw: f"{at // 4:04d}: {' '.join(patterns(raw))}",
    "zephyr": lambda at, raw: f"  {raw.hex(' ')} |{characters(raw)}",
    "esp": lambda at, raw: f"I (325) main: {raw.hex(' ')}",
    "esp hexdump": lambda at, raw: (
        f"I (325) main: 0x3ff{at:05x}   {raw.hex(' ')}  |{characters(raw)}|"
    ),
}


def one(value) -> Expected:
    return Expected("a", {"output/y": value})


def read(folder: Path, text: str, like, tensor: str | None):
    path = folder / "dump.txt"
    path.write_text(text)
    return read_tensors(path, one(like), None, tensor).values["output/y"]


FLOATS = st.integers(1, 40).flatmap(lambda n: arrays((n,)))


UNTOLD = "do not tell the order of the bytes"


@pytest.mark.parametrize("command", TOOLS)
@given(value=FLOATS, named=st.booleans())
def test_tools(command: str, value, named: bool, tmp_path_factory) -> None:
    if shutil.which(command.split()[0]) is None:
        pytest.skip(f"no {command.split()[0]}")
    folder = tmp_path_factory.mktemp("x")
    if command[-1] == "8":  # whole groups of 64 bits
        value = np.repeat(value, 2)
    raw = folder / "raw"
    raw.write_bytes(words(value).astype("<u4").tobytes())
    done = subprocess.run([*command.split(), raw], capture_output=True, check=True, timeout=10)
    text = done.stdout.decode()
    text = f"boot\ny:\n{text}done\n" if named else text
    try:
        assert equal(read(folder, text, value, None if named else "y"), value)
    except FileError as error:
        if UNTOLD in str(error):
            assert command.startswith("xxd") and "-g1" not in command  # noqa: PT017, PT018
        else:
            assert "print them all" in str(error) and "*" in text  # noqa: PT017, PT018


@pytest.mark.parametrize("style", STYLES)
@given(value=FLOATS, data=st.data())
def test_debuggers_and_loggers(style: str, value, data, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("x")
    lines = [STYLES[style](*row) for row in rows(value, data.draw(st.sampled_from((4, 8, 16))))]
    tag = data.draw(st.sampled_from(("", "[0.125] ")))
    lines = [tag + line for line in lines]
    if data.draw(st.booleans()):
        noise = data.draw(st.sampled_from(("", "[INFO] heap 12 of 40 KiB", "warning: retry")))
        lines.insert(data.draw(st.integers(0, len(lines))), noise)
    text = "\r\n".join(lines)
    for whole, tensor in ((text, "y"), (f"boot\ny:\n{text}\nready\n", None)):
        try:
            got = read(folder, whole, value, tensor)
        except FileError as error:
            assert style in ("xxd", "u-boot")  # noqa: PT017
            assert UNTOLD in str(error)  # noqa: PT017
        else:
            assert equal(got, value)


@pytest.mark.parametrize("style", [s for s in STYLES if s not in ("zephyr", "esp")])
@given(value=st.integers(9, 40).flatmap(lambda n: arrays((n,))), data=st.data())
def test_lost_and_repeated_lines_are_no_dump(style: str, value, data, tmp_path_factory) -> None:
    lines = [STYLES[style](*row) for row in rows(value, 8)]
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at : at + 1] = [lines[at]] * data.draw(st.sampled_from((0, 2)))
    with pytest.raises(FileError):
        read(tmp_path_factory.mktemp("x"), "y:\n" + "\n".join(lines), value, None)


@pytest.mark.parametrize("style", STYLES)
@given(value=st.integers(2, 9).flatmap(lambda n: arrays((n,))), data=st.data())
def test_a_cut_or_altered_word_never_passes(style: str, value, data, tmp_path_factory) -> None:
    lines = [STYLES[style](*row) for row in rows(value, 8)]
    at = data.draw(st.integers(0, len(lines) - 1))
    begin = re.match(r"I \(325\) main: (0x\w+)?|[^:=|]*[:=]|", lines[at]).end()
    end = re.search(r"\S( {2,}\S| ?\||\s*$)", lines[at][begin:]).start() + begin + 1
    digits = [m.start() for m in re.finditer("[0-9a-fA-F]", lines[at][:end]) if m.start() >= begin]
    place = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from(("", "x", " ", "1" if lines[at][place] != "1" else "2")))
    lines[at] = lines[at][:place] + other + lines[at][place + 1 :]
    try:
        got = read(tmp_path_factory.mktemp("x"), "y:\n" + "\n".join(lines), value, None)
    except FileError:
        return
    assert not equal(got, value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("y:\n0000: 3f800000\n0008: 40000000", "line 3: output/y: address 0008 does not follow"),
        (
            "y:\n0000: 3f800000\n0004: 4000",
            "line 3: output/y: groups of 4 digits after groups of 8",
        ),
        ("y:\n0000: 3f80000 40000000", "has 0 of 2 words"),
        ("y:\n00 00 80 3f\n00 00 00", "line 1: output/y: 7 bytes are no whole number of words"),
        ("y:\n00 00 80 3f\n40000000", "line 3: words of output/y without an address"),
        ("y:\n00 00 80 3f\n04: 00 00 00 40", "some rows have an address and others have none"),
        ("y:\n00: 3f800000 40000000\n08: 40000000", "line 3: more words than the 2 of output/y"),
        ("y:\n00: 803f 0000 803f 0000  ........", UNTOLD),
        ("y:\n000000 00 00 80 3f\n*\n000800", "does not follow"),
        ("y[0] = 0x3f800000\ny[2] = 0x40000000", "line 2: output/y[2] after output/y[0]"),
        ("y[0] = 0x3f800000\n", "has 1 of 2 words"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FileError) as error:
        read(tmp_path, text, np.array([1, 2], np.float32), None)
    assert told in str(error.value)


def test_one_element_a_line(tmp_path: Path) -> None:
    value = np.array([1, -2, 3], np.float32)
    text = "".join(f"[{i}.5] y[{i}] = 0x{w:08x};\n" for i, w in enumerate(words(value).tolist()))
    assert equal(read(tmp_path, text, value, None), value)
    assert equal(read(tmp_path, text.replace("\n", "\nheap 12\n"), value, None), value)
    assert equal(read(tmp_path, text + text, value, None), value)


def test_folded_rows(tmp_path: Path) -> None:
    value = np.zeros(40, np.float32)
    value[-3:] = 1
    text = "000000 00000000 00000000 00000000 00000000\n*\n"
    text += "000090 00000000 3f800000 3f800000 3f800000\n0000a0\n"
    assert equal(read(tmp_path, text, value, "y"), value)
    assert equal(read(tmp_path, "y:\n" + text + "ready\n", value, None), value)
    with pytest.raises(FileError, match="37 of 40 words|36 of 40 words"):
        read(tmp_path, text[: text.index("000090")] + "000090\n", value, "y")
