"""`tinycl train --trace`: hashes of every step, however the run is cut, and with which target."""

from pathlib import Path

import pytest

from tinycl.trace import read_page

RUN = ["train", "--epochs", "2", "--net", "mlp:64-8-10", "--checkpoint", "2"]
RUN += ["--set", "data.shift=noisy", "--set", "data.samples=64"]
KINDS = {
    "plain": [],
    "microbatches": ["--microbatches", "2", "--batch", "8"],
    "chosen": ["--policy", "channels", "--choose", "1"],
    "adam": ["--optimiser", "adam", "--lr", "0.01"],
}


def hashes(path: Path) -> list:
    return read_page(path.read_bytes(), str(path))


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_is_cut(tinycl, tmp_path: Path, kind: str) -> None:
    command = [*RUN, *KINDS[kind]]
    whole, parts = tmp_path / "whole.txt", tmp_path / "parts.txt"
    assert tinycl(*command, "--out", tmp_path / "a", "--trace", whole).code == 0
    options = ("--out", tmp_path / "b", "--trace", parts)
    assert tinycl(*command, *options, "--stop-after", 3, "--target", "numpy").code == 0
    assert tinycl("train", "--resume", *options).code == 0
    computed = [[h for h in hashes(p) if not h.optional] for p in (whole, parts)]
    assert computed[0] == computed[1]
    assert len({h.step for h in computed[0]}) == max(h.step for h in computed[0]) + 1
    assert tinycl("trace", "diff", parts, whole).code == 0
    lines = parts.read_text().splitlines()
    del lines[5:-5]
    parts.write_text("\n".join(lines))
    said = tinycl("trace", "diff", parts, whole)
    assert said.code == 0
    assert f"of the {len(computed[0])} hashes expected are missing" in said.out


def test_the_first_step_of_another_rate(tinycl, tmp_path: Path) -> None:
    pages = [tmp_path / name for name in ("a.txt", "b.txt")]
    for page, rate in zip(pages, ("0.02", "0.03"), strict=True):
        out = ("--out", tmp_path / page.stem, "--trace", page)
        assert tinycl(*RUN, "--lr", rate, *out).code == 0
    said = tinycl("trace", "diff", *pages)
    assert said.code == 1
    assert "the first that differs: step 0, sgd, linear3.weight" in " ".join(said.out.split())


def test_what_is_wrong_is_2(tinycl, tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text("")
    for options, told in (
        (("--trace", page), "a.txt: is there already; give another --trace"),
        (("--trace", tmp_path / "none" / "a.txt"), "a.txt: cannot be written: No such file"),
        (("--layout", "hwc"), "--layout is of the hashes; give --trace FILE too"),
    ):
        said = tinycl(*RUN, "--out", tmp_path / f"out{len(told)}", *options)
        assert (said.code, told in said.err) == (2, True), said.err
    assert tinycl("trace", "diff", page, page).code == 2
    assert "leave --layout out" in tinycl("trace", "diff", page, page, "--layout", "hwc").err
