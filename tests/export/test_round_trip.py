"""What is exported reads back, in each format and layout, with the bits it had."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.goldens import goldens, same
from tinycl.bits import crc32, equal
from tinycl.errors import FileError
from tinycl.export import FORMATS, Expected, export, read_tensors, select
from tinycl.export.binary import read_bin
from tinycl.golden.layout import LAYOUTS, axis_order, from_layout, layout_shape, to_layout
from tinycl.golden.schema import seal

layouts = st.sampled_from(LAYOUTS)


@given(golden=goldens(), form=st.sampled_from(list(FORMATS)), layout=layouts)
def test_every_format_reads_back(golden, form, layout, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("x") / f"a{FORMATS[form]}"
    export(golden, path, form, layout=layout)
    told = layout if form == "c" else None
    found = read_tensors(path, Expected.of_golden(golden), told)
    assert same(golden, found.values)
    assert found.partial == (form == "c")


@given(golden=goldens(), layout=layouts, flip=st.integers(0, 1 << 40))
@settings(max_examples=25)
def test_one_other_bit_is_seen(golden, layout, flip, tmp_path_factory) -> None:
    everything = golden.everything
    name = sorted(everything)[flip % len(everything)]
    value = everything[name].copy()
    place = flip % value.size
    bits = value.view(f"u{value.itemsize}").reshape(-1)
    bits[place] ^= bits.dtype.type(1 << (flip >> 8) % (8 * value.itemsize))
    if equal(value, everything[name]):  # another NaN
        return
    inputs, tensors = dict(golden.inputs), dict(golden.tensors)
    group = inputs if name.startswith("input/") else tensors
    group[name.removeprefix("input/") if group is inputs else name] = value
    other = seal(golden.name, golden.plan, inputs, tensors, golden.contract, golden.seed)
    for form, suffix in FORMATS.items():
        path = tmp_path_factory.mktemp("x") / f"a{suffix}"
        export(other, path, form, layout=layout)
        told = layout if form == "c" else None
        found = read_tensors(path, Expected.of_golden(golden), told).values
        assert [n for n in everything if not equal(everything[n], found[n])] == [name], form


@given(shape=st.lists(st.integers(1, 5), max_size=6).map(tuple), data=st.data())
def test_layouts_are_inverse(shape, data) -> None:
    leading = data.draw(st.integers(0, 1))
    value = np.arange(np.prod(shape, dtype=int), dtype=np.int32).reshape(shape)
    there = to_layout(value, "hwc", leading)
    assert there.shape == layout_shape(shape, "hwc", leading)
    assert there.flags.c_contiguous
    assert equal(from_layout(there, "hwc", leading), value)
    assert equal(to_layout(value, "chw", leading), value)


def test_what_hwc_means() -> None:
    assert axis_order(4, "hwc") == [0, 2, 3, 1]
    assert axis_order(3, "hwc") == [1, 2, 0]
    assert axis_order(5, "hwc", 1) == [0, 1, 3, 4, 2]
    assert axis_order(4, "hwc", 1) == [0, 2, 3, 1]
    assert axis_order(2, "hwc") == [0, 1]
    assert axis_order(0, "hwc", 1) == []


def test_an_unknown_layout() -> None:
    with pytest.raises(ValueError, match="layout 'nhwc' is not one of chw, hwc"):
        axis_order(4, "nhwc")


@given(golden=goldens(), layout=layouts)
@settings(max_examples=10)
def test_the_index_of_a_bin(golden, layout, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("x") / "a.bin"
    assert export(golden, path, "bin", layout=layout) == [path, path.with_suffix(".json")]
    items = {item.name: item for item in select(golden, layout=layout)}
    for name, (value, kind) in read_bin(path).items():
        assert kind == layout
        assert crc32(value) == items[name].crc32


def test_some_tensors(tmp_path: Path, conv) -> None:
    path = tmp_path / "a.npz"
    export(conv, path, "npz", tensors=["output/*", "input/w"])
    with np.load(path) as file:
        assert file.files == ["input/w", "output/y", "layout"]
    assert [i.axes for i in select(conv, ["input/w"], "hwc")] == [("co", "kh", "kw", "ci")]
    with pytest.raises(FileError, match=r"no tensor matches 'out/\*'; there are input/x"):
        export(conv, path, "npz", tensors=["out/*"], force=True)


def test_nothing_is_written_over(tmp_path: Path, conv) -> None:
    path = tmp_path / "new" / "a.bin"
    export(conv, path, "bin")
    path.unlink()
    before = path.with_suffix(".json").read_bytes()
    with pytest.raises(FileError, match=r"a\.json: is there already; --force"):
        export(conv, path, "bin", tensors=["output/y"])
    assert not path.exists()
    assert path.with_suffix(".json").read_bytes() == before
    export(conv, path, "bin", tensors=["output/y"], force=True)
    assert list(read_bin(path)) == ["output/y"]


def test_places_that_cannot_be_written(tmp_path: Path, conv) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        export(conv, tmp_path / "file" / "a.h", "c")
    (tmp_path / "folder.h").mkdir()
    with pytest.raises(FileError, match="cannot be written"):
        export(conv, tmp_path / "folder.h", "c", force=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.h"]


def test_wrong_formats(tmp_path: Path, conv) -> None:
    with pytest.raises(FileError, match="format 'csv' is not one of c, npz, bin"):
        export(conv, tmp_path / "a", "csv")
    with pytest.raises(FileError, match=r"must end in \.bin"):
        export(conv, tmp_path / "a.json", "bin")
