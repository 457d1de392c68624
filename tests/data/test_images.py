"""Folders of images."""

import sys

import numpy as np
import pytest

from tinycl.bits import equal
from tinycl.data import load
from tinycl.errors import FileError, TinyclError

Image = pytest.importorskip("PIL.Image")
RNG = np.random.default_rng(8)


def save(path, size=(6, 4), **keywords):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RNG.integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(path, **keywords)
    return pixels


def planes(pixels):
    return np.float32(np.moveaxis(np.stack(pixels), 3, 1).astype(np.float64) / 255)


def test_train_and_test(tmp_path):
    wrote = {
        split: [save(tmp_path / split / f"{c}/{i}.png") for c in "ba" for i in range(2)]
        for split in ("train", "test")
    }
    (tmp_path / "train" / "a" / ".hidden").write_text("x")
    (tmp_path / "LICENSE.txt").write_text("x")
    data = load("images", tmp_path, size=[6, 4])
    assert (data.classes, data.sample_shape) == (("a", "b"), (3, 6, 4))
    b, c = wrote["train"][:2], wrote["train"][2:]
    assert equal(data.train_x, planes(c + b))
    assert equal(data.train_y, np.array([0, 0, 1, 1], np.int32))
    assert equal(data.test_x, planes(wrote["test"][2:] + wrote["test"][:2]))
    few = load("images", tmp_path, size=[6, 4], per_class=1)
    assert equal(few.train_x, planes([c[0], b[0]]))


def test_division_and_resizing(tmp_path):
    for place in range(5):
        save(tmp_path / "daisy" / f"{place}.jpg", (9, 5 + place))
        save(tmp_path / "rose" / f"{place}.bmp", (4, 3))
    data = load("flowers", tmp_path, size=7, test_share=0.3)
    assert (data.train_x.shape, data.test_x.shape) == ((7, 3, 7, 7), (3, 3, 7, 7))
    assert sorted([*data.train_y, *data.test_y]) == [0] * 5 + [1] * 5
    assert data.digest == load("flowers", tmp_path, size=7, test_share=0.3).digest


def test_grey_and_palette_become_rgb(tmp_path):
    (tmp_path / "a").mkdir()
    Image.new("L", (2, 2), 51).save(tmp_path / "a" / "0.png")
    Image.new("P", (2, 2)).save(tmp_path / "a" / "1.gif")
    data = load("images", tmp_path, size=2, test_share=0.5)
    assert sorted({float(v) for v in (*data.train_x.flat, *data.test_x.flat)}) == [
        0,
        float(np.float32(0.2)),
    ]


def test_food(tmp_path):
    for name in ("pie", "soup"):
        for place in range(3):
            save(tmp_path / "images" / name / f"{place}.jpg")
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "train.txt").write_text("pie/0\nsoup/2\n")
    (tmp_path / "meta" / "test.txt").write_text("soup/1\n")
    data = load("food", tmp_path, size=4)
    assert (list(data.train_y), list(data.test_y)) == ([0, 1], [1])
    (tmp_path / "meta" / "test.txt").write_text("soup/1\ncake/1\n")
    with pytest.raises(FileError, match=r"test.txt: line 2: .* holds no class 'cake'"):
        load("food", tmp_path, size=4)
    (tmp_path / "meta" / "test.txt").write_text("soup/9\n")
    with pytest.raises(FileError, match=r"9.jpg: not an image"):
        load("food", tmp_path, size=4)


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "gif", "webp"])
def test_cut_short_anywhere(tmp_path, kind):
    """It is told, or nothing of the picture is missing."""
    save(tmp_path / "a" / "0.png")
    path = tmp_path / "b" / f"1.{kind}"
    save(path)
    right = load("images", tmp_path, size=4).digest
    data = path.read_bytes()
    told = 0
    for size in range(len(data)):
        path.write_bytes(data[:size])
        try:
            assert load("images", tmp_path, size=4).digest == right
        except FileError as error:
            told += str(path) in str(error)
        else:
            told += 1
    assert told == len(data)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"size": 0}, "size must be a whole number 1..4096, got 0"),
        ({"size": [3]}, "size must be a number or"),
        ({"size": "x"}, "got 'x'"),
        ({"per_class": -1}, "per_class"),
        ({"test_share": 1.0}, "test_share must be above 0 and below 1"),
        ({"test_share": float("nan")}, "test_share"),
        ({"seed": -1}, "seed"),
        ({"colour": 1}, "takes no option 'colour'; options: size, test_share, seed, per_class"),
    ],
)
def test_options(tmp_path, options, told):
    save(tmp_path / "a" / "0.png")
    save(tmp_path / "a" / "1.png")
    with pytest.raises(TinyclError, match=told):
        load("images", tmp_path, **options)


def test_folders_that_do_not_fit(tmp_path):
    with pytest.raises(FileError, match="no such folder"):
        load("images", tmp_path / "nowhere")
    with pytest.raises(FileError, match="holds no folders"):
        load("images", tmp_path)
    (tmp_path / "a").mkdir()
    with pytest.raises(FileError, match="a: holds no images"):
        load("images", tmp_path)
    save(tmp_path / "train" / "a" / "0.png")
    save(tmp_path / "val" / "b" / "0.png")
    with pytest.raises(FileError, match="b: .* has no such class"):
        load("images", tmp_path)
    (tmp_path / "a" / "notes.txt").write_text("words")
    (tmp_path / "train" / "a" / "0.png").rename(tmp_path / "a" / "0.png")
    with pytest.raises(FileError, match=r"notes.txt: not an image"):
        load("images", _only(tmp_path))


def _only(path):
    """Leave the class a alone in the folder."""
    for name in ("train/a", "train", "val/b"):
        for file in (path / name).iterdir():
            file.unlink()
        (path / name).rmdir()
    (path / "val").rmdir()
    return path


def test_without_pillow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(TinyclError, match=r"pip install 'tinycl\[images\]'"):
        load("images", tmp_path)
