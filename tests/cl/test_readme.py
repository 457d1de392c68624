"""The guide: its Python runs."""

import re
from pathlib import Path

import pytest

import tinycl

PAGE = (Path(tinycl.__file__).parent / "cl" / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_python_runs(place, capsys):
    pytest.importorskip("sklearn")
    exec(compile(BLOCKS[place], f"README {place}", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out


def test_kinds_are_told():
    for name in tinycl.cl.KINDS:
        assert f"`{name}(" in PAGE
