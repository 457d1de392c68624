"""The command `tinycl`: finds the subcommand, and turns errors into messages and exit codes.

Nothing that a subcommand needs is imported before that subcommand is asked for.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence

from tinycl import __version__
from tinycl.errors import TinyclError

COMMANDS = {
    "golden": "make, verify, list and show golden files",
    "run": "run golden cases on a target and compare every bit",
    "diff": "compare a golden with another one, an export or a dump",
    "export": "write tensors of a golden as a C header, .npz or .bin",
    "trace": "check a log of hashes against a golden",
    "infer": "find the contract that gives every bit of a dump, a library or a target",
    "validate": "check kernels of a library or of C files with generated cases",
    "train": "train a net on a data set, with checkpoints and results",
    "models": "list the nets of the papers, or the layers of one",
    "plot": "draw what a run with a policy did",
    "bench": "measure speed against PyTorch's CPU",
    "doctor": "which targets work here, and what to install for the others",
}
EXIT_CODES = (
    "exit codes: 0 equal, 1 different, 2 wrong usage or an unreadable file, 3 target not available"
)
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Without the program's name; the process's own arguments if left out.

    Returns
    -------
    int
        One of `tinycl.errors.ExitCode`; 130 after Ctrl-C; 141 if nobody reads the output any more;
        129 and 143 after SIGHUP and SIGTERM, which end the runners too.
    """
    if argv is None:
        _exit_on_signals()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except TinyclError as error:
        print(f"tinycl: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        print("tinycl: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_CLOSED
    except SystemExit as stop:  # argparse, after --help or a wrong argument
        return stop.code if isinstance(stop.code, int) else 0
    return code


def _exit_on_signals() -> None:
    """End as after an exception, so that runners and scratch folders go too; nohup stays nohup."""

    def leave(number: int, _: object) -> None:
        sys.exit(128 + number)

    for each in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is signal.SIG_DFL:
            signal.signal(each, leave)


def _dispatch(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        "tinycl",
        description="Bit-exact reference for firmware that trains.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"tinycl {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    chosen = next((a for a in arguments if not a.startswith("-")), None)
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told, description=told, epilog=EXIT_CODES)
        if name == chosen:
            importlib.import_module(f"tinycl.cli.{name}").configure(command)
    options = parser.parse_args(arguments)
    return int(options.execute(options))


def _silence_stdout() -> None:
    """Point the closed pipe elsewhere, so that Python's own flush at exit finds nothing to say."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
