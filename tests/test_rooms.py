"""What `import tinycl` alone gives: every room, by name, when it is first used."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import tinycl

BEHIND_DOORS = {"__main__", "bench", "cli", "fast"}  # commands and engines, reached through others


def test_every_room_is_named():
    found = {module.name for module in pkgutil.iter_modules(tinycl.__path__)}
    assert set(tinycl._ROOMS) == found - BEHIND_DOORS
    assert list(tinycl._ROOMS) == sorted(tinycl._ROOMS)
    assert dir(tinycl) == sorted(tinycl.__all__)


@pytest.mark.parametrize("name", sorted(tinycl.__all__))
def test_every_name_is_there(name):
    made = getattr(tinycl, name)
    if name in tinycl._ROOMS:
        assert made is importlib.import_module(f"tinycl.{name}")


def test_a_room_opens_without_being_imported():
    code = (
        "import sys, tinycl; assert 'numpy' not in sys.modules;"
        "tinycl.sparse.TopK(k=1), tinycl.train.Config(), tinycl.plot;"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_other_names():
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        tinycl.trian  # noqa: B018
