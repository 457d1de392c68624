"""Reports go to JSON and back; what changed is named; damage is never a report."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.profile.conftest import small
from tinycl.errors import FileError
from tinycl.profile import changes, dumps, read, to_dict, write


@pytest.fixture
def made(report):
    return report()


def test_there_and_back(made, tmp_path):
    path = tmp_path / "profile.json"
    write(path, made)
    assert read(path) == made
    assert json.loads(path.read_text()) == to_dict(made) == json.loads(json.dumps(to_dict(made)))
    assert list(changes(made, read(path))) == []
    assert [p.name for p in tmp_path.iterdir()] == ["profile.json"]


def test_one_line_an_operation(made):
    lines = dumps(made).splitlines()
    assert sum('"train", 0, "linear_forward", "linear0.y"' in line for line in lines) == 2
    assert sum('"cycles":' in line for line in lines) == sum(len(p.runs) for p in made.profiles)


def test_facts(made):
    assert to_dict(made)["facts"] == {"simulator": {"revision": "abc", "fma": "fma"}}


def with_profile(made, **fields):
    first, *rest = made.profiles
    return dataclasses.replace(made, profiles=(dataclasses.replace(first, **fields), *rest))


def test_each_change_is_named(made):
    p = made.profiles[0]
    faster = dataclasses.replace(p.runs[1], cycles=(20, *p.runs[1].cycles[1:]))
    key = next(iter(p.digests))
    for changed, told in (
        (with_profile(made, runs=(p.runs[0], faster, *p.runs[2:])),
         f"dense: in place, 4 cores: train/00.linear_forward: cycles were {p.runs[1].cycles[0]:,}, "
         f"are 20 ({20 / p.runs[1].cycles[0] - 1:+.2%})"),
        (with_profile(made, digests={**p.digests, key: "f" * 64}),
         f"dense: bits of {key}: were {p.digests[key][:16]}, are {'f' * 16}"),
        (with_profile(made, runs=p.runs[1:]), "dense: in place, 1 core: no longer there"),
        (with_profile(made, steps=9), "dense: steps: were 3, are 9"),
        (with_profile(made, operations=p.operations[1:],
                      runs=()), f"dense: operations: were {len(p.operations)}, are "
                                f"{len(p.operations) - 1}, or are others"),
        (dataclasses.replace(made, profiles=made.profiles[:1]), "tinypropv2: no longer there"),
        (dataclasses.replace(made, target="qemu"), "target: was gvsoc, is qemu"),
        (dataclasses.replace(made, facts={}), f"facts: was {made.facts}, is {{}}"),
    ):  # fmt: skip
        assert list(changes(made, changed)) == [told]
        assert len(list(changes(changed, made))) == 1


def test_two_runs_are_equal(report, made):
    assert list(changes(made, report())) == []
    assert len(list(changes(made, report([small()])))) == 1


def altered(document, *path):
    *parents, last, value = path
    place = document
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (("format", 2), "its format is 2"),
        (("profiles", None), "holds no profiles"),
        (("target", 7), "7 is not text"),
        (("profiles", {}), None),
        (("profiles", 3), "damaged"),
        (("profiles", 0, "steps", 0), "0 is not a whole number from 1 on"),
        (("profiles", 0, "runs", 0, "cycles", [1]), "a series does not have"),
        (("profiles", 0, "runs", 0, "cycles", 0, -1), "-1 is not a whole number"),
        (("profiles", 0, "runs", 0, "cycles", 0, 1.5), "1.5 is not a whole number"),
        (("profiles", 0, "runs", 0, "local", None), "damaged.*local"),
        (("profiles", 0, "operations", 0, ["a", 1]), "damaged"),
        (("profiles", 0, "digests", []), "damaged"),
    ],
)
def test_damage(made, tmp_path, path, told):
    file = tmp_path / "a.json"
    file.write_text(altered(to_dict(made), *path))
    if told is None:
        assert read(file).profiles == ()
    else:
        with pytest.raises(FileError, match=told):
            read(file)


def test_no_report(tmp_path):
    file = tmp_path / "a.json"
    with pytest.raises(FileError, match="cannot be read: No such file"):
        read(file)
    for text, told in (("", "not JSON"), ("[" * 9, "not JSON"), ("[]", "no profiles"), ("1", "no")):
        file.write_text(text)
        with pytest.raises(FileError, match=told):
            read(file)


def test_a_place_that_cannot_be_written(made, tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        write(tmp_path / "none" / "a.json", made)
    (tmp_path / "file").write_text("kept")
    with pytest.raises(FileError, match="cannot be written"):
        write(tmp_path / "file" / "a.json", made)
    assert (tmp_path / "file").read_text() == "kept"
