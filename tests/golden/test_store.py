"""Golden files: the same bytes each time, read back whole, or refused with a reason."""

import itertools
import random
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from tinycl.bits import equal
from tinycl.errors import FileError
from tinycl.golden.catalogue import catalogue
from tinycl.golden.image import image
from tinycl.golden.make import make
from tinycl.golden.schema import Golden
from tinycl.golden.store import read, write
from tinycl.plan import to_json


def same(a: Golden, b: Golden) -> bool:
    """Whether two goldens hold the same."""
    heads = [(g.name, g.seed, g.contract, to_json(g.plan), g.digests, g.digest) for g in (a, b)]
    ours, theirs = a.everything, b.everything
    return heads[0] == heads[1] and all(equal(ours[k], theirs[k]) for k in ours)


@pytest.mark.parametrize(
    "name",
    ["random_uniform/one_hard", "mean/batch_plain", "adam/usual_hard", "training/linear_sgd_hard"],
)
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    golden = make(catalogue()[name])
    path = tmp_path / "deep" / "file.h5"
    assert write(path, golden) == "new"
    found = read(path)
    assert same(golden, found)
    assert not found.altered
    assert found.runnable
    assert write(path, golden) == "same"
    assert [p.name for p in path.parent.iterdir()] == ["file.h5"]


def test_bytes_are_the_same_each_time(small: Golden) -> None:
    first = image(small)
    time.sleep(1.1)  # HDF5 counts seconds
    assert image(small) == first


def test_overhead_is_small(small: Golden) -> None:
    text = len(to_json(small.plan)) + len(small.contract.text)
    data = sum(value.nbytes for value in small.everything.values())
    assert len(image(small)) < text + data + 3000


def test_equal_results_are_stored_once(file: Path) -> None:
    with h5py.File(file) as stored:
        assert stored["output/y"] == stored["trace/0/main/00.linear_forward/y"]


def test_a_changed_file_is_replaced(tmp_path: Path, small: Golden, file: Path) -> None:
    file.write_bytes(b"something else")
    assert write(file, small) == "changed"
    assert same(read(file), small)


def test_an_interrupted_write_leaves_the_old_file(
    small: Golden, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"old")

    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(file, small)
    assert file.read_bytes() == b"old"
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_a_place_that_cannot_be_written_is_told(small: Golden, file: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        write(file / "below.h5", small)


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_files_that_are_not_golden_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    assert "no such file" in refusal(path)
    assert "no such file" in refusal(tmp_path)
    for content in (b"", b"text\n" * 1000, b"\x89HDF\r\n\x1a\n"):
        path.write_bytes(content)
        assert "not a golden file" in refusal(path)
    with h5py.File(path, "w") as foreign:
        foreign["data"] = np.arange(3)
    assert "'schema_version' is missing" in refusal(path)


def test_what_is_missing_or_wrong_is_named(file: Path) -> None:
    original = file.read_bytes()

    def after(edit) -> str:
        file.write_bytes(original)
        with h5py.File(file, "r+") as stored:
            edit(stored)
        return refusal(file)

    def replace(name: str, value: object):
        def edit(stored: h5py.File) -> None:
            digest = stored[name].attrs["digest"]
            del stored[name]
            stored[name] = value
            stored[name].attrs["digest"] = digest

        return edit

    def attribute(name: str, value: object, where: str = "/"):
        return lambda stored: stored[where].attrs.__setitem__(name, value)

    def remove(name: str):
        return lambda stored: stored.__delitem__(name)

    text = np.bytes_
    for edit, reason in [
        (remove("input/x"), "'input/x' is missing"),
        (remove("output/y"), "'output/y' is missing"),
        (remove("plan"), "'plan' is missing"),
        (replace("input/x", np.zeros((5, 2), np.float32)), r"(5, 2); by the plan"),
        (replace("input/x", np.zeros((5, 1), np.float64)), "float64"),
        (replace("input/x", np.zeros((5, 1), ">f4")), ">f4"),
        (lambda stored: stored.__setitem__("extra/x", [1]), "'extra/x', which its plan"),
        (lambda stored: stored.__setitem__("soft", h5py.SoftLink("/none")), "'soft' is damaged"),
        (attribute("digest", text("abc"), "input/x"), "not 64 hexadecimal"),
        (attribute("digest", text("A" * 64), "input/x"), "not 64 hexadecimal"),
        (attribute("digest", 5, "input/x"), "'digest' is missing, or is not text"),
        (attribute("digest", text("g" * 64)), "digest of the case"),
        (attribute("schema_version", 2), "schema_version is 2; this tinycl reads 1"),
        (attribute("catalogue_version", 0), "catalogue_version is 0"),
        (attribute("contract_version", text("1")), "not a whole number"),
        (attribute("contract_hash", text("0" * 64)), "does not have the hash"),
        (attribute("contract", text("mac=guess")), "damaged: contract"),
        (attribute("contract", text("mac=fma")), "does not have the hash"),
        (lambda stored: stored.attrs.__delitem__("seed"), "'seed' is missing"),
    ]:
        assert reason in after(edit)


def test_a_plan_that_is_no_plan_is_refused(file: Path, small: Golden) -> None:
    for text, reason in [("{", "damaged: plan"), (to_json(small.plan) + " ", "canonical")]:
        with h5py.File(file, "r+") as stored:
            del stored["plan"]
            stored["plan"] = np.array(text.encode())
        assert reason in refusal(file)


def harmless(path: Path, original: Golden) -> bool:
    """Whether a spoilt file is refused, or reported as altered, or holds what it always held."""
    try:
        found = read(path)
    except FileError:
        return True
    return bool(found.altered) or same(found, original)


def test_a_file_cut_short_never_passes(file: Path, small: Golden) -> None:
    content = file.read_bytes()
    for length in itertools.chain(
        range(0, len(content), 97), range(len(content) - 9, len(content))
    ):
        file.write_bytes(content[:length])
        refusal(file)


def test_a_flipped_bit_never_passes(file: Path, small: Golden) -> None:
    content = file.read_bytes()
    draw = random.Random(1)
    outcomes = set()
    for _ in range(400):
        place, bit = draw.randrange(len(content)), draw.randrange(8)
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << bit
        file.write_bytes(spoilt)
        assert harmless(file, small), f"byte {place}, bit {bit}"
        try:
            outcomes.add(bool(read(file).altered))
        except FileError:
            outcomes.add(None)
    assert outcomes >= {None, True}


def test_noise_never_passes(file: Path, small: Golden) -> None:
    content = file.read_bytes()
    draw = random.Random(2)
    for _ in range(100):
        spoilt = bytearray(content)
        start = draw.randrange(len(content))
        stop = min(len(content), start + draw.randrange(1, 200))
        spoilt[start:stop] = draw.randbytes(stop - start)
        file.write_bytes(spoilt)
        assert harmless(file, small), f"bytes {start} to {stop}"
