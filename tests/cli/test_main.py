"""What holds for every command: help, errors, exit codes, interruptions, closed pipes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinycl.cli import doctor
from tinycl.cli import main as module
from tinycl.cli.main import main
from tinycl.errors import EnvironmentFault, FileError, TargetMissing


def python(*arguments: str, **keywords) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **keywords,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["golden", "--help"],
        ["golden", "make", "--help"],
        ["--version"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from tinycl.cli.main import main; code = main(sys.argv[1:]);"
        "heavy = {'numpy', 'h5py', 'rich', 'multiprocessing'} & set(sys.modules);"
        "assert not heavy, heavy; sys.exit(code)"
    )
    done = python("-c", code, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "tinycl" in done.stdout


def test_help_names_commands_and_exit_codes(tinycl) -> None:
    said = tinycl("--help")
    assert said.code == 0
    for word in ("golden", "run", "diff", "doctor", "exit codes"):
        assert word in said.out


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["golden"], ["golden", "nonsense"], ["run", "--cores", "x"], ["diff", "a"]],
)
def test_wrong_usage_is_2(tinycl, arguments: list[str]) -> None:
    said = tinycl(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert "usage: tinycl" in said.err


@pytest.mark.parametrize(
    ("error", "code"),
    [(FileError("broken"), 2), (TargetMissing("install it"), 3), (EnvironmentFault("flushes"), 2)],
)
def test_errors_are_one_message(tinycl, monkeypatch, error: Exception, code: int) -> None:
    def fail(options: object) -> int:
        raise error

    monkeypatch.setattr(doctor, "execute", fail)
    assert tinycl("doctor") == (code, "", f"tinycl: {error}\n")


def test_interrupts_are_130(tinycl, monkeypatch) -> None:
    def interrupt(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "execute", interrupt)
    assert tinycl("doctor") == (130, "", "tinycl: interrupted\n")


def test_ctrl_c_ends_all_workers_quietly(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tinycl", "golden", "make", "--out", tmp_path, "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not any(tmp_path.rglob("*.h5")):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: parent and workers
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "tinycl: interrupted\n")
    assert not list(tmp_path.rglob(".*"))


def test_a_closed_pipe_is_silent() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tinycl", "golden", "list"],
            stdout=write_end,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (module.PIPE_CLOSED, b"")


def test_the_module_is_the_command() -> None:
    done = python("-m", "tinycl", "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("tinycl ")


def test_the_process_arguments_are_the_default(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["tinycl", "--version"])
    assert main() == 0
    assert "tinycl" in capsys.readouterr().out
