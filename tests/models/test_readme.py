"""The guide: its Python runs, and its commands."""

import re
import shlex
from pathlib import Path

import pytest

import tinycl
from tinycl.cli.main import main

PAGE = (Path(tinycl.__file__).parent / "models" / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)
COMMANDS = re.findall(r"^    (tinycl models[^#\n]*)", PAGE, re.M)


@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_python_runs(place, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[place], f"README {place}", "exec"), {})
    assert capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command, capsys):
    assert main(shlex.split(command)[1:]) == 0
    assert "MACs" in capsys.readouterr().out.replace('"macs"', "MACs")
