"""CORe50's folder and its lists, made small."""

import re
import sys

import numpy as np
import pytest

from tinycl import cl, data
from tinycl.bits import equal
from tinycl.data import core50 as module
from tinycl.data import load, open_samples
from tinycl.errors import FileError, ShapeError, TinyclError

Image = pytest.importorskip("PIL.Image")

SESSIONS, OBJECTS, FRAMES = (1, 3, 4, 10), (1, 2, 6), (0, 1, 20)


def pixels_of(session, thing, frame):
    """Another picture for each, which its numbers fix."""
    rng = np.random.default_rng([session, thing, frame])
    return rng.integers(0, 256, (6, 6, 3), np.uint8)


def place_of(session, thing, frame):
    return f"s{session}/o{thing}/C_{session:02}_{thing:02}_{frame:03}.png"


@pytest.fixture
def folder(tmp_path):
    for session in SESSIONS:
        for thing in OBJECTS:
            for frame in FRAMES:
                path = tmp_path / place_of(session, thing, frame)
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels_of(session, thing, frame)).save(path)
    return tmp_path


def write_lists(folder, batches, tests, name="NICv2_391", run=0):
    inside = folder / name / f"run{run}"
    inside.mkdir(parents=True, exist_ok=True)
    texts = {f"train_batch_{i:02}_filelist.txt": batch for i, batch in enumerate(batches)}
    for file, rows in (texts | {"test_filelist.txt": tests}).items():
        (inside / file).write_text("".join(f"{place_of(*row[:3])} {row[3]}\n" for row in rows))
    return inside


def planes(*rows):
    pixels = np.stack([pixels_of(*row[:3]) for row in rows]).astype(np.float64)
    return np.float32(np.moveaxis(pixels, 3, 1) / 255)


def test_folders(folder):
    found = open_samples("core50", folder, size=6)
    train = [(s, o, f) for s in (1, 4) for o in OBJECTS for f in FRAMES]
    tests = [(s, o, f) for s in (3, 10) for o in OBJECTS for f in (0, 20)]
    assert [frame[1:] for frame in found.train_frames] == train
    assert [frame[1:] for frame in found.test_frames] == tests
    assert equal(found.train_y, np.array([o - 1 for _, o, _ in train], np.int32))
    assert equal(found.train_session, np.array([s for s, _, _ in train], np.int32))
    assert (len(found.classes), found.sample_shape, found.batches) == (50, (3, 6, 6), ())
    assert found.classes[:2] == ("plug adapter 1", "plug adapter 2")
    assert found.classes[5] == "mobile phone 1"
    index = np.array([7, 0, 16])
    assert equal(found.train(index), planes(*(train[i] for i in index)))
    assert equal(found.test(np.array([3])), planes(tests[3]))
    every = open_samples("core50", folder, size=6, test_every=1, train_every=20)
    assert (len(every.train_y), len(every.test_y)) == (12, 18)


def test_the_folder_as_it_is_unpacked(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    folder.rename(outside / "core50_128x128")
    found = open_samples("core50", outside, labels="categories")
    assert found.classes == module.CATEGORIES
    assert set(found.train_y.tolist()) == {0, 1}
    assert found.train(np.array([0])).shape == (1, 3, 128, 128)


def test_images_are_read_when_they_are_asked_for(folder):
    """A damaged image is told of by the batch that holds it, and by no other."""
    (folder / place_of(4, 6, 20)).write_bytes(b"no image")
    found = open_samples("core50", folder, size=6)
    assert len(found.train(np.arange(17))) == 17
    with pytest.raises(FileError, match=r"s4/o6/C_04_06_020.png: not an image"):
        found.train(np.array([17]))


BATCHES = (
    [(1, 2, 0, 0), (1, 2, 1, 0), (1, 6, 0, 1)],
    [(4, 1, 20, 2)],
    [(4, 2, 0, 0), (4, 2, 1, 0)],
)
TESTS = [(3, 1, 0, 2), (3, 1, 1, 2), (3, 2, 20, 0), (10, 6, 0, 1)]


@pytest.mark.parametrize("place", ["batches_filelists", ""])
def test_lists(folder, place):
    write_lists(folder / place, BATCHES, TESTS)
    found = open_samples("core50", folder, lists="NICv2_391", size=6)
    assert found.classes == ("plug adapter 2", "mobile phone 1", "plug adapter 1")
    assert found.train_y.tolist() == [row[3] for batch in BATCHES for row in batch]
    assert [batch.tolist() for batch in found.batches] == [[0, 1, 2], [3], [4, 5]]
    assert found.test_y.tolist() == [2, 0, 1]
    scenario = cl.listed(found, found.batches)
    x, y = scenario.batch(2)
    assert equal(x, planes(*BATCHES[2]))
    assert y.tolist() == [0, 0]
    assert [batch.sessions for batch in scenario.batches] == [(1,), (4,), (4,)]
    assert [task.learned for task in scenario.tasks] == [0, 0, 1]
    assert cl.make_scenario(found, "listed").digest == scenario.digest
    objects = open_samples("core50", folder, lists="NICv2_391", labels="objects")
    assert objects.train_y.tolist() == [1, 1, 5, 0, 1, 1]


def test_many_lists_are_in_the_order_of_their_numbers(folder):
    write_lists(folder, [[(1, 2, 0, 0)]] * 12, TESTS, run=3)
    source = folder / "NICv2_391" / "run3" / "train_batch_11_filelist.txt"
    source.rename(source.with_name("train_batch_011_filelist.txt"))
    source = source.with_name("train_batch_02_filelist.txt")
    source.write_text(f"{place_of(1, 1, 1)} 2\n")
    found = open_samples("core50", folder, lists="NICv2_391", run=3)
    assert len(found.batches) == 12
    assert found.train_frames[2].thing == 1


def test_categories_and_unknown_labels_have_names(folder):
    write_lists(folder, [[(1, 1, 0, 3), (1, 2, 0, 3), (1, 6, 0, 1)]], [(3, 1, 0, 3)])
    found = open_samples("core50", folder, lists="NICv2_391")
    assert found.classes == ("class 0", "mobile phone 1", "class 2", "plug adapter")


def test_scenarios_by_session(folder):
    found = open_samples("core50", folder, size=6)
    scenario = cl.nicv2(found, 2, order=[0, 5, 1])
    assert [len(b.classes) for b in scenario.batches] == [2, 1, 1, 1, 1]
    assert sorted(i for b in scenario.batches for i in b.samples.tolist()) == list(range(18))
    assert len(cl.new_instances(found, 2).batches) == 2


def test_digest(folder):
    first = open_samples("core50", folder).digest
    assert first == open_samples("core50", folder).digest
    others = {open_samples("core50", folder, size=9).digest}
    others.add(open_samples("core50", folder, labels="categories").digest)
    path = folder / place_of(1, 1, 0)
    path.write_bytes(path.read_bytes() + b" ")
    others.add(open_samples("core50", folder).digest)
    assert len({first, *others}) == 4
    opened = open_samples("core50", folder)
    path.unlink()
    with pytest.raises(FileError, match=r"C_01_01_000.png: cannot be read"):
        assert opened.digest


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("s1/o1/C_01_02_000.png", "s1/o1/C_01_02_000.png is not a place such as"),
        ("s1/o1/C_02_01_000.png", "is not a place such as"),
        ("s1/o1/C_01_01_0.png", "is not a place such as"),
        ("s12/o1/C_12_01_000.png", "is not a place such as"),
        ("s1/o51/C_01_51_000.png", "is not a place such as"),
    ],
)
def test_other_names(folder, name, told):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"")
    with pytest.raises(FileError, match=re.escape(told)):
        open_samples("core50", folder)


def test_what_is_no_image_is_left_alone(folder):
    (folder / "s1/o1/Thumbs.db").write_bytes(b"")
    (folder / "s1/o1/.C_01_01_000.png").write_bytes(b"")
    assert len(open_samples("core50", folder).train_y) == 18


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s1/o1/C_01_01_000.png\n", "line 1 is 's1/o1/C_01_01_000.png'; it must be a place and"),
        ("s1/o1/C_01_01_000.png -1\n", "line 1 is"),
        ("s1/o1/C_01_01_000.png 0.5\n", "line 1 is"),
        ("s1/o1/C_01_01_000.png 99999999999\n", "line 1 is"),
        ("s1/o1/C_01_01_000.png 2\n\n", "line 2 is ''"),
        (" 3\n", "line 1 is ' 3'"),
        ("s1/o1/C_01_01_000.png 2", "does not end in a newline: cut short?"),
        ("", "empty"),
        ("../o1/C_01_01_000.png 2\n", "is not a place such as"),
        ("/s1/o1/C_01_01_000.png 2\n", "is not a place such as"),
        ("s1/o1/C_01_01_000.png 1\n", "has label 2 in the lists, another image of its object 1"),
    ],
)
def test_lists_that_are_wrong(folder, text, told):
    inside = write_lists(folder, BATCHES, TESTS)
    (inside / "train_batch_01_filelist.txt").write_text(text)
    with pytest.raises(FileError, match=re.escape(told)):
        open_samples("core50", folder, lists="NICv2_391")


def test_lists_that_are_not_there(folder):
    inside = write_lists(folder, BATCHES, TESTS)
    with pytest.raises(FileError, match=r"holds no lists batches_filelists/NICv2_391/run1"):
        open_samples("core50", folder, lists="NICv2_391", run=1)
    (inside / "train_batch_1_filelist.txt").write_text("")
    with pytest.raises(FileError, match="has that number too"):
        open_samples("core50", folder, lists="NICv2_391")
    (inside / "train_batch_1_filelist.txt").unlink()
    (inside / "train_batch_01_filelist.txt").unlink()
    with pytest.raises(FileError, match=r"no list of batch 1, such as train_batch_01_filelist"):
        open_samples("core50", folder, lists="NICv2_391")
    write_lists(folder, BATCHES, TESTS)
    (inside / "test_filelist.txt").unlink()
    with pytest.raises(FileError, match="holds no file test_filelist.txt"):
        open_samples("core50", folder, lists="NICv2_391")
    for file in inside.iterdir():
        file.unlink()
    with pytest.raises(FileError, match="holds no list of batch 0"):
        open_samples("core50", folder, lists="NICv2_391")


def test_an_image_of_the_lists_that_is_not_there(folder):
    write_lists(folder, [*BATCHES, [(4, 1, 999, 2)]], TESTS)
    found = open_samples("core50", folder, lists="NICv2_391", size=6)
    with pytest.raises(FileError, match=r"C_04_01_999.png"):
        found.train(found.batches[3])


def test_pickles_are_not_read(tmp_path):
    """One that would write a file if it were unpickled."""
    trap = b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    for name in ("paths.pkl", "labels.pkl"):
        (tmp_path / name).write_bytes(trap)
    with pytest.raises(FileError, match="paths.pkl is not read, since a pickle may run any code"):
        open_samples("core50", tmp_path)
    (tmp_path / "s1" / "o1").mkdir(parents=True)
    with pytest.raises(FileError, match="labels.pkl is not read, since a pickle may run any code"):
        open_samples("core50", tmp_path, lists="labels.pkl")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"labels": "listed"}, "labels must be 'objects', 'categories' or, with lists"),
        ({"labels": "x", "lists": "a"}, "labels must be"),
        ({"lists": 5}, "lists must be the name of a folder of lists, got 5"),
        ({"lists": ["a"]}, "lists must be the name"),
        ({"run": -1}, "run must be a whole number 0..99"),
        ({"size": 0}, "size must be a whole number 1..4096"),
        ({"test_every": 0}, "test_every must be a whole number"),
        ({"train_every": True}, "train_every must be a whole number"),
    ],
)
def test_options_out_of_range(folder, options, told):
    with pytest.raises(FileError, match=re.escape(told)) as error:
        open_samples("core50", folder, **options)
    assert isinstance(error.value.__cause__, ShapeError)


def test_nothing_to_train_or_test_with(folder):
    write_lists(folder, [[(1, 1, 1, 0)]], TESTS)
    with pytest.raises(FileError, match="has 0 images to train and"):
        open_samples("core50", folder, lists="NICv2_391", train_every=5)


def test_without_pillow(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(TinyclError, match=re.escape("pip install 'tinycl[images]'")):
        open_samples("core50", folder)


def test_it_is_not_read_whole(folder):
    with pytest.raises(TinyclError, match="core50 is too large to be read whole"):
        load("core50", folder)
    assert "core50" in data.LAZY
    with pytest.raises(TinyclError, match="no data set 'x'; choose from digits"):
        open_samples("x")
    assert isinstance(open_samples("digits"), data.Dataset)
