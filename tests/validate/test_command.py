"""The command: exit codes, JSON, findings that replay, and input that makes no sense."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tinycl.cli.main import main
from tinycl.golden.folder import default_folder, path_of
from tinycl.golden.store import read
from tinycl.validate import compile_kernels
from tinycl.validate.save import load

ZOO = Path(__file__).parent / "zoo"
QUICK = ("--seconds", "60", "--cases", "60")


def source(name):
    return str(ZOO / f"{name}.c")


def compiled(tmp_path, text, *options):
    path, library = tmp_path / "own.c", tmp_path / "own.so"
    path.write_text(text)
    include = str(Path(__file__).parents[2] / "c_ref" / "include")
    command = ["cc", "-shared", "-fPIC", f"-I{include}", str(path), "-o", str(library), *options]
    subprocess.run(command, check=True)
    return str(library)


def test_a_library(tmp_path, capsys):
    library = tmp_path / "lib.so"
    shutil.copy(compile_kernels([source("matmul")]), library)
    assert main(["validate", str(library), *QUICK]) == 0
    assert "matmul: nothing found in 60 cases" in capsys.readouterr().out


def test_findings_are_saved_and_replayed(tmp_path, capsys):
    out = tmp_path / "found"
    code = main(["validate", "--kernels", source("dropped_term"), *QUICK, "--out", str(out)])
    told = capsys.readouterr().out
    assert code == 1
    assert "from k = 8 on" in told
    assert "on every number of cores" in told
    (path,) = out.iterdir()
    assert path.name == "matmul-wrong.h5"
    assert str(path) in told
    assert not read(path).altered
    replay = ["--replay", str(path)]
    assert main(["validate", "--kernels", source("dropped_term"), *replay]) == 1
    assert "cores 8: matmul: values are wrong" in capsys.readouterr().out
    assert main(["validate", "--kernels", source("matmul"), *replay, "--json"]) == 0
    assert all(row["finding"] is None for row in json.loads(capsys.readouterr().out)["now"])


@pytest.mark.parametrize("name", ["old_velocity", "padding_swapped", "last_maximum", "half_hwc"])
def test_a_saved_case_is_the_case_that_was_found(name, tmp_path, capsys):
    out = tmp_path / "found"
    code = main(["validate", "--kernels", source(name), *QUICK, "--out", str(out), "--json"])
    (row,) = json.loads(capsys.readouterr().out)["kernels"]
    assert code == 1
    for finding in row["findings"]:
        case, kind = load(Path(finding["golden"]))
        assert kind == finding["kind"]
        assert case.cores == finding["cores"]
        golden = read(Path(finding["golden"]))
        for tensor, value in case.expected().items():
            assert value.tobytes() == golden.tensors[f"output/{tensor}"].tobytes()
    assert main(["validate", "--kernels", source(name), "--replay", finding["golden"]]) == 1


def test_a_golden_file_of_others_is_refused(capsys):
    path = path_of(default_folder(), "sgd/bare_plain")
    assert main(["validate", "--kernels", source("matmul"), "--replay", str(path)]) == 2
    assert "which `tinycl validate` has not written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give either LIB.so or --kernels"),
        (["lib.so", "--kernels", "a.c"], "give either LIB.so or --kernels"),
        (["/nowhere/lib.so"], "there is no such library"),
        ([__file__], "cannot be loaded"),
        (["--kernels", "/nowhere/a.c"], "does not exist"),
        (["--kernels", source("matmul"), "--only", "relu"], "exports no kernel 'relu'"),
        (["--kernels", source("matmul"), "--seconds", "0"], "is not a number of seconds above 0"),
        (["--kernels", source("matmul"), "--cases", "-1"], "is not a number of cases above 0"),
        (["--kernels", source("matmul"), "--flags=-Wrong"], "refuses"),
    ],
)
def test_wrong_usage(arguments, told, capsys):
    assert main(["validate", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_library_without_kernels(tmp_path, capsys):
    library = compiled(tmp_path, "int nothing(void) { return 0; }\n")
    assert main(["validate", library]) == 2
    assert "exports no function of tinycl_validate.h" in capsys.readouterr().err


def test_a_file_without_kernels(tmp_path, capsys):
    path = tmp_path / "own.c"
    path.write_text("int helper(void) { return 0; }\n")
    assert main(["validate", "--kernels", str(path)]) == 2
    assert "defined are helper" in capsys.readouterr().err


def test_a_library_that_lacks_a_symbol(tmp_path, capsys):
    text = "int missing(void); int validate_matmul(void) { return missing(); }\n"
    library = compiled(tmp_path, text, "-Wl,-z,now")
    assert main(["validate", library]) == 2
    assert "missing" in capsys.readouterr().err


def test_a_descriptor_with_numbers_that_are_none(tmp_path, capsys):
    text = '#include "tinycl_validate.h"\n' + (
        "const struct validate_about validate_matmul_about = {.team = 7};\n"
        "int validate_matmul(const float *a, const float *b, float *y,\n"
        "                    const struct validate_matmul *s, const struct validate_call *call)\n"
        "{ (void)a; (void)b; (void)y; (void)s; (void)call; return 0; }\n"
    )
    assert main(["validate", compiled(tmp_path, text)]) == 2
    assert "says .team = 7" in capsys.readouterr().err


def test_kernels_of_tinycl_h_are_wrapped(capsys):
    own = Path(__file__).parents[2] / "c_ref" / "examples" / "my_depthwise.c"
    assert main(["validate", "--kernels", str(own), *QUICK]) == 1
    assert "depthwise_forward" in capsys.readouterr().out


@pytest.mark.parametrize("head", ["", '#include "tinycl.h"\n#include "tinycl_validate.h"\n'])
def test_the_headers_of_include_are_there_without_being_asked_for(tmp_path, capsys, head):
    """As in `tinycl run --kernels`: a file that is right for one is right for both."""
    path = tmp_path / "own.c"
    path.write_text(
        f"{head}void tinycl_relu_forward(const float *x, float *y, int32_t count,\n"
        "                         int core, int cores)\n"
        "{\n    for (int32_t i = core; i < count; i += cores)\n"
        "        y[i] = x[i] <= 0.0f ? 0.0f : x[i];\n}\n"
    )
    assert main(["validate", "--kernels", str(path), *QUICK]) == 0, capsys.readouterr()
    path.write_text(path.read_text().replace("int32_t count", "float count"))
    assert main(["validate", "--kernels", str(path), *QUICK]) == 2
    assert "conflicting types for" in capsys.readouterr().err
