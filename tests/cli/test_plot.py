"""`tinycl plot`, and the table at the end of `tinycl train` with a policy."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plot.made import results

RUN = ("--net", "mlp:64-6-10", "--epochs", 1, "--batch", 71, "--target", "numpy")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results()))
    return path


def test_a_trained_run_is_drawn(tinycl, tmp_path: Path) -> None:
    out = tmp_path / "run"
    said = tinycl("train", *RUN, "--policy", "tinypropv2", "--out", out)
    assert (said.code, said.err) == (0, "")
    page = json.loads((out / "results.json").read_text())["policy"]
    lines = said.out.splitlines()
    for layer in page["layers"]:
        (row,) = (line for line in lines if layer["layer"] in line)  # one row a layer
        means = layer["means"]
        done = means["weight_macs"] + means["input_macs"]
        saved = means["weight_saved"] + means["input_saved"]
        for told in (
            f"{means['ratio']:.4f}",
            f"{done:,.0f}",
            f"{saved:,.0f}",
            f"{done / (done + saved):.1%}",
            f"{layer['kept_bytes']:,}",
            "TinyPropV2",
        ):
            assert told in row
    assert f"backward {page['backward_effort']:.1%}" in said.out
    assert f"forward + backward {page['total_effort']:.1%}" in said.out
    assert f"{page['peak_bytes'] / page['dense_peak_bytes']:.1%} of dense" in said.out
    assert f"skipped {sum(page['skipped'])} of 1,420 samples" in said.out
    assert len(lines) < 25
    for name, arguments in (("results.png", ()), ("x.pdf", ("-o", out / "x.pdf"))):
        assert tinycl("plot", out, *arguments) == (0, f"{out / name}\n", "")
        assert (out / name).stat().st_size > 10_000


def test_choosing_is_told(tinycl, tmp_path: Path) -> None:
    out = tmp_path / "run"
    by = ("--policy", "channels", "--set", "policy.by=gradient")
    said = tinycl("train", *RUN, *by, "--out", out)
    page = json.loads((out / "results.json").read_text())["policy"]
    assert f"each choice besides: peak {page['choosing_peak_bytes']:,} bytes" in said.out
    assert f"{page['choosing_macs']:,} MACs" in said.out
    assert "skipped" not in said.out


def test_a_policy_and_no_step(tinycl, tmp_path: Path) -> None:
    more = ("--policy", "tinyprop", "--stop-after", 0, "--out", tmp_path / "run")
    said = tinycl("train", *RUN, *more)
    assert (said.code, said.err) == (0, "")
    assert json.loads(tinycl("train", *RUN, "--json", "--resume", *more).out)["policy"] is None


def test_a_dense_run_has_no_table(tinycl, tmp_path: Path) -> None:
    said = tinycl("train", *RUN, "--out", tmp_path)
    assert "survivors" not in said.out
    said = tinycl("plot", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert "has no report of a policy: the run was dense" in said.err


@pytest.mark.parametrize("name", ["a.jpg", "a"])
def test_another_suffix_is_2(tinycl, file: Path, name: str) -> None:
    said = tinycl("plot", file, "-o", file.parent / name)
    assert (said.code, said.out) == (2, "")
    assert "must end in .png, .svg, .pdf; name another place" in said.err
    assert [path.name for path in file.parent.iterdir()] == ["results.json"]


def test_no_results_is_2(tinycl, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "x.json"):
        said = tinycl("plot", path)
        assert (said.code, said.out) == (2, "")
        assert "cannot be read: No such file" in said.err
    (tmp_path / "x.json").write_bytes(b"\x89PNG\r\n\xff")
    said = tinycl("plot", tmp_path / "x.json")
    assert (said.code, said.out) == (2, "")
    assert "not JSON, or cut short" in said.err
    assert tinycl("plot").code == 2


def test_matplotlib_missing_is_2(tinycl, file: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = tinycl("plot", file)
    assert (said.code, said.out) == (2, "")
    assert said.err == ("tinycl: plot: matplotlib is not installed; pip install 'tinycl[plot]'\n")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from tinycl.cli.main import main; code = main(['plot', '--help']);"
        "assert not {'numpy', 'rich', 'matplotlib'} & set(sys.modules); sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, timeout=60)
