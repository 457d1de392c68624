"""`tinycl train`: flags over the file, messages, and a run that is killed."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tinycl.cli import train as module
from tinycl.train import checkpoint

RUN = """
net = "mlp:64-6-10"
epochs = 2
batch = 32
target = "numpy"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(RUN)
    return path


def options_of(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    module.configure(parser)
    return parser.parse_args(words)


def results(folder: Path) -> dict:
    return json.loads((folder / "results.json").read_text())


def test_a_run_and_its_table(tinycl, file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = tinycl("train", file, "--epochs", 1)
    assert (said.code, said.err) == (0, "")
    told = results(tmp_path / "runs" / "small")
    assert told["config"]["epochs"] == 1
    assert f"{told['accuracy'][0]['accuracy']:.2%}" in said.out
    assert "step 44 of 44: finished" in said.out


def test_resume_and_json(tinycl, file: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    document = json.loads(tinycl("train", file, "--out", whole, "--json").out)
    assert {k: v for k, v in document.items() if k in results(whole)} == results(whole)
    said = tinycl("train", file, "--out", cut, "--stop-after", 50)
    assert said.code == 0
    assert "step 50 of 88: not finished; go on with --resume" in said.out
    assert tinycl("train", "--resume", "--out", cut).code == 0
    assert results(cut) == results(whole)
    said = tinycl("train", "--resume", "--out", cut)
    assert "step 88 of 88: finished\n0 steps" in said.out


def test_killed_in_mid_run(tinycl, file: Path, tmp_path: Path) -> None:
    """kill -9, three times, then to the end: the bits of a run that nobody killed."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    more = ("--checkpoint", "3", "--epochs", "3")
    command = [sys.executable, "-m", "tinycl", "train", str(file), *more, "--out", str(cut)]
    seen = 0
    for _ in range(3):
        process = subprocess.Popen(
            [*command, *(["--resume"] if seen else [])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        before, deadline = seen, time.monotonic() + 120
        while seen < before + 6:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.005)
            if (cut / "checkpoint.h5").exists():
                seen = checkpoint.read(cut / "checkpoint.h5").state.step
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        if (cut / "results.json").exists():
            results(cut)  # whole, whenever it is read
    assert 0 < seen < 132
    assert tinycl("train", file, *more, "--out", cut, "--resume").code == 0
    assert tinycl("train", file, *more, "--out", whole).code == 0
    assert results(cut) == results(whole)
    assert {p.name for p in cut.iterdir()} == {"checkpoint.h5", "results.json"}


def test_ctrl_c_keeps_what_was_done(tinycl, file: Path, tmp_path: Path, monkeypatch) -> None:
    from tinycl.train.advance import Advance

    honest = Advance.steps

    def interrupt(self, state, stop):
        if state.step >= 7:
            raise KeyboardInterrupt
        return honest(self, state, stop)

    with monkeypatch.context() as patch:
        patch.setattr(Advance, "steps", interrupt)
        assert tinycl("train", file, "--out", tmp_path / "out").code == 130
    done = results(tmp_path / "out")
    assert 7 <= done["step"] < done["steps"]
    assert len(done["loss"]) == done["step"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "bach=3"], "unknown key 'bach', did you mean 'batch'?"),
        (["--set", "policy.k=3"], "policy: unknown key 'k'"),
        (["--set", "policy.layers.linear9.kind=dense"], "linear9"),
        (["--set", "net.x=3"], "net is 'mlp:64-6-10' and has no keys"),
        (["--set", "lr=0.1\nbatch=3"], "one key and one value"),
        (["--set", "x"], "write it as policy.k=10"),
        (["--set", "lr=fast"], "config.lr: must be a number, got 'fast'"),
        (["--batch", "5000"], "has 1437 samples to train with"),
        (["--policy", "odd"], "no policy 'odd'"),
        (["--data", "mnist"], "mnist needs a path"),
        (["--data", "mnist", "--path", "nowhere"], "nowhere: there is no such folder"),
        (["--net", "mlp:64-11"], "the data have 64 and 10"),
        (["--target", "gpu"], "target must be one of"),
        (["--contract", "x"], "cannot read 'x'"),
        (["--cores", "9"], "target numpy runs on 1 to 1 cores, got 9"),
        (["--stop-after", "-1"], "--stop-after must not be below 0"),
        (["--resume"], "leave --resume out to begin a run"),
        (["--seed", "1.5"], "invalid int value"),
    ],
)
def test_what_is_wrong_is_2(tinycl, file: Path, tmp_path: Path, arguments, told) -> None:
    said = tinycl("train", file, "--out", tmp_path / "out", *arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert not list((tmp_path / "out").glob("*"))


def test_too_little_memory_is_2(tinycl, file: Path, tmp_path: Path, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("tinycl.train.begin", fail)
    said = tinycl("train", file, "--out", tmp_path / "out")
    assert (said.code, said.out) == (2, "")
    assert "not enough memory" in said.err


def test_settings_reach_the_reader(tinycl, file: Path, tmp_path: Path) -> None:
    x = np.arange(60, dtype=np.float32).reshape(20, 3)
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(20) % 2)
    data = ("--data", "features", "--path", tmp_path / "a.npz", "--set", "data.test_share=0.3")
    said = tinycl("train", file, "--net", "mlp:3-2", "--batch", 7, "--out", tmp_path / "o", *data)
    assert (said.code, said.err) == (0, "")
    told = results(tmp_path / "o")
    assert (told["data"]["train"], told["data"]["test"]) == (14, 6)
    assert told["config"]["data"]["test_share"] == 0.3


def test_the_same_kind_of_policy_keeps_the_keys_of_the_file(file: Path) -> None:
    file.write_text(RUN + '[policy]\nkind = "topk"\nk = 3\nlayers = {linear1 = "fixed"}\n')
    options = options_of(str(file), "--policy", "topk")
    whole = {"kind": "topk", "k": 3, "layers": {"linear1": "fixed"}}
    assert module.given(options)["policy"] == whole
    options = options_of(str(file), "--policy", "tinyprop")
    assert module.given(options)["policy"] == {"kind": "tinyprop"}
    file.write_text('policy = "tinyprop"\n' + RUN)
    options = options_of(str(file), "--policy", "tinyprop")
    assert module.given(options)["policy"] == {"kind": "tinyprop"}


def test_a_place_that_cannot_be_made(tinycl, file: Path, tmp_path: Path) -> None:
    said = tinycl("train", file, "--out", file / "out")
    assert (said.code, said.out) == (2, "")
    assert "cannot be made: Not a directory; give another --out" in said.err


def test_a_terminal_sees_loss_and_accuracy(tinycl, file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = tinycl("train", file, "--out", tmp_path / "out", "--cores", 1)
    assert said.code == 0
    for word in ("train", "loss", "accuracy", "/88"):
        assert word in said.err


def test_help_names_every_key(tinycl) -> None:
    said = tinycl("train", "--help")
    for name in (*module.TEXTS, *module.NUMBERS, *module.REALS):
        assert f"--{name.replace('_', '-')}" in said.out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from tinycl.cli.main import main; code = main(['train', '--help']);"
        "assert not {'numpy', 'h5py', 'rich'} & set(sys.modules); sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, timeout=60)
