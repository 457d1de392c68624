"""A folder with a few golden files, and a way to call commands."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tinycl.cli.main import main
from tinycl.golden.catalogue import catalogue
from tinycl.golden.folder import path_of
from tinycl.golden.make import make
from tinycl.golden.store import write

CASES = ("conv2d_forward/stride2_plain", "sgd/bare_plain", "sgd/bare_hard", "clear/all_plain")


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def tinycl(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call a command in this process."""

    def call(*arguments: object) -> Said:
        code = main([str(a) for a in arguments])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    for name in CASES:
        write(path_of(folder, name), make(catalogue()[name]))
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A folder with the golden files of `CASES`, to be spoilt."""
    return Path(shutil.copytree(pristine, tmp_path / "golden"))
