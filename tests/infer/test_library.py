"""`tinycl infer` of kernels that can only be called: their contracts, and their trees."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from tinycl.cli.main import main
from tinycl.contract import Contract
from tinycl.validate.client import Client
from tinycl.validate.compile import compile_kernels
from tinycl.validate.library import exported
from tinycl.validate.telling import contract_of_kernel

ZOO = Path(__file__).parents[1] / "validate" / "zoo"
INCLUDE = Path(__file__).parents[2] / "c_ref" / "include"
CONTRACTS = {
    "matmul": "default",
    "two_roundings": "mac=mul_add",
    "four_lanes": "reduction=lanes(4,left)",
    "first_product": "start=first_product",
    "bias_at_start": "bias=start",
    "skips_padding": "padding=skip",
    "spatial_major": "taps=spatial_major",
    "taps_by_weight": "input_grad_taps=by_weight",
    "flushes": "subnormals=flush",
    "heap_order": "selection_order=heap",
}
FAULTS = ("dropped_term", "padding_on_one_side", "swapped_channels", "leftover_of_unroll")

TEMPLATE = """
#include "tinycl_validate.h"
int validate_matmul(const float *a, const float *b, float *y, const struct validate_matmul *s,
                    const struct validate_call *call)
{
    if (s->transpose_a || s->transpose_b)
        return VALIDATE_REFUSED;
    if (call->core)
        return VALIDATE_DONE;
    for (int32_t r = 0; r < s->m; r++)
        for (int32_t c = 0; c < s->n; c++) {
            const float *x = a + r * s->k, *z = b + c;
            const int32_t T = s->k, N = s->n;
            float sum = 0.0f;
            %s
            y[r * s->n + c] = sum;
        }
    return VALIDATE_DONE;
}
const struct validate_about validate_matmul_about = {.no = VALIDATE_NO_TRANSPOSE};
"""
REDUCTIONS = {
    "reduction=lanes(2,left)": """float p[2] = {0};
        for (int32_t t = 0; t < T; t++) p[t % 2] = __builtin_fmaf(x[t], z[t * N], p[t % 2]);
        sum = T > 1 ? p[0] + p[1] : p[0];""",
    "reduction=lanes(4,pairwise)": """float p[4] = {0};
        for (int32_t t = 0; t < T; t++) p[t % 4] = __builtin_fmaf(x[t], z[t * N], p[t % 4]);
        sum = T > 1 ? p[0] + p[1] : p[0];
        sum = T > 3 ? sum + (p[2] + p[3]) : T > 2 ? sum + p[2] : sum;""",
    "reduction=grouped(3) mac=mul_add": """for (int32_t t = 0; t < T; t += 3) {
            float p = x[t] * z[t * N];
            for (int32_t u = t + 1; u < T && u < t + 3; u++) p += x[u] * z[u * N];
            sum += p;
        }""",
    "reduction=blocks(5)": """for (int32_t t = 0; t < T; t += 5) {
            float p = 0;
            for (int32_t u = t; u < T && u < t + 5; u++) p = __builtin_fmaf(x[u], z[u * N], p);
            sum = t ? sum + p : p;
        }""",
    "reduction=split(2)": """const int32_t half = (T + 1) / 2;
        float p = 0;
        for (int32_t t = 0; t < half; t++) sum = __builtin_fmaf(x[t], z[t * N], sum);
        for (int32_t t = half; t < T; t++) p = __builtin_fmaf(x[t], z[t * N], p);
        sum = T > 1 ? sum + p : sum;""",
    "mac=fma_via_double": """for (int32_t t = 0; t < T; t++)
            sum = (float)((double)x[t] * z[t * N] + sum);""",
}


def library_of(tmp_path, text):
    """Compile a library by hand."""
    source, library = tmp_path / "own.c", tmp_path / "own.so"
    source.write_text(text)
    options = ("-O1", "-ffp-contract=off", "-shared", "-fPIC", f"-I{INCLUDE}", "-march=native")
    subprocess.run(["cc", *options, str(source), "-o", str(library)], check=True)
    return library


def answer_of(library, seed=0, cores=1):
    """Return what is found of the only kernel of a library; slow machines have time enough."""
    with Client(library) as client:
        ((name, about),) = exported(client, library).items()
        return contract_of_kernel(client, name, about, cores, seed, 90.0)[1]


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_contract_of_a_kernel(name):
    found = answer_of(compile_kernels([str(ZOO / f"{name}.c")]))
    assert found.contract == Contract.parse(CONTRACTS[name]), found.told
    assert found.certain


@pytest.mark.parametrize("text", REDUCTIONS)
def test_every_kind_of_reduction(text, tmp_path):
    found = answer_of(library_of(tmp_path, TEMPLATE % REDUCTIONS[text]))
    drawn = Contract.parse(text)
    assert found.certain
    assert drawn in (found.contract, *found.others), found.told
    assert set(found.open) <= {"start", "reduction"}, found.told
    # Groups and blocks of one size are the same but for -0 and a bias.
    also = drawn.reduction.kind == "grouped"
    assert also or found.open.get("reduction", ()) == (), found.told


def test_cores_that_share_a_sum():
    library = compile_kernels([str(ZOO / "split_over_cores.c")])
    assert answer_of(library).contract == Contract()
    assert answer_of(library, cores=3).contract == Contract(reduction="split(3)")


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_fault_is_no_contract(name, seed, capsys):
    source = str(ZOO / f"{name}.c")
    assert (
        main(["infer", "--kernels", source, "--json", "--seed", str(seed), "--seconds", "5"]) == 1
    )
    told = json.loads(capsys.readouterr().out)
    (found,) = told["operations"].values()
    assert found["contract"] is None or not found["certain"]
    assert found["remaining"] > 0
    assert "by the contract" in found["first"]


def test_a_table_with_the_kernels_own_coordinates(tmp_path, capsys):
    assert main(["infer", "--kernels", str(ZOO / "dropped_term.c")]) == 1
    told = capsys.readouterr().out
    assert "matmul y m=" in told
    library = library_of(tmp_path, TEMPLATE % REDUCTIONS["mac=fma_via_double"])
    assert main(["infer", str(library)]) == 1
    assert "mac=fma_via_double" in capsys.readouterr().out


@pytest.mark.parametrize("text", REDUCTIONS)
def test_the_tree_of_a_library(text, tmp_path, capsys):
    library = library_of(tmp_path, TEMPLATE % REDUCTIONS[text])
    assert main(["infer", str(library), "--probe", "--terms", "13", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["matmul"]
    assert [one["element"] for one in found] == ["matmul y[m=0 n=0]", "matmul y[m=2 n=4]"]
    drawn = Contract.parse(text)
    for one in found:
        answer = one["answer"]
        fits = [answer["contract"], *answer["others"]]
        fits += [
            str(Contract.parse(answer["contract"]).but(reduction=r))
            for r in answer["open"].get("reduction", ())
        ]
        assert str(drawn) in fits
        assert one["products"] == ("rounded" if drawn.mac == "mul_add" else "fused")
        assert not one["keeps_negative_zero"] or drawn.reduction.kind == "grouped"


@pytest.mark.parametrize("name", ["spatial_major", "taps_by_weight", "bias_at_start", "matmul"])
def test_the_tree_of_a_layer_has_its_taps(name, capsys):
    code = main(["infer", "--kernels", str(ZOO / f"{name}.c"), "--probe"])
    told = capsys.readouterr().out
    assert code == (0 if name == "matmul" else 1)
    assert f"contract  every bit is explained by {CONTRACTS[name]}" in told
    if name == "spatial_major":
        assert "numbered over (ci, kh, kw)" in told
        assert "tree      0 + 9 + 1 + 10" in told


def test_columns_that_add_in_another_order(tmp_path, capsys):
    text = """float o = 0;
        for (int32_t t = 0; t < T; t++) {
            if (c == N - 1 && t % 2) o += x[t] * z[t * N];
            else sum += x[t] * z[t * N];
        }
        sum += o;"""
    library = library_of(tmp_path, TEMPLATE % text)
    assert main(["infer", str(library), "--probe", "--terms", "6"]) == 1
    told = capsys.readouterr().out
    assert "these elements do not add in one order" in told
    assert "+\n├─ 0\n├─ 2\n├─ 4\n└─ +\n   ├─ 1\n   ├─ 3\n   └─ 5\n" in told


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return VALIDATE_REFUSED;", "refuses m = 3, k = 16, n = 5"),
        ("__builtin_trap();", "ended by SIG"),
        ("for (int32_t t = 0; t < T - 2; t++) sum += x[t] * z[t * N];", "missing   (14, 15)"),
        ("for (int32_t t = 0; t < T; t++) sum += x[t] < 0 ? -x[t] : x[t];", "no sum in a fixed"),
    ],
)
def test_kernels_that_cannot_be_probed(body, message, tmp_path, capsys):
    library = library_of(tmp_path, TEMPLATE % body)
    assert main(["infer", str(library), "--probe"]) == 1
    assert message in capsys.readouterr().out


def test_kernels_without_an_answer_spoil_no_others(tmp_path, capsys):
    crash = """
int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          const struct validate_call *call)
{
    __builtin_trap();
}
"""
    sums = TEMPLATE % "for (int32_t t = 0; t < T; t++) sum += x[t] * z[t * N];"
    assert main(["infer", str(library_of(tmp_path, sums + crash)), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["operations"]["matmul"]["contract"] == "mac=mul_add"
    assert found["silent"] == ["relu_forward"]
    alone = library_of(tmp_path, '#include "tinycl_validate.h"' + crash)
    assert main(["infer", str(alone)]) == 2
    assert "relu_forward: none of the cases was done" in capsys.readouterr().err


def test_a_kernel_that_hangs_ends_soon(tmp_path, capsys):
    library = library_of(tmp_path, TEMPLATE % "for (volatile int i = 0;; i++) ;")
    begun = time.monotonic()
    assert main(["infer", str(library)]) == 2
    assert time.monotonic() - begun < 30
    assert "crashed or hung" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sizes", "kk=3"], "no size 'kk'"),
        (["--sizes", "k=x"], "as m=8,k=33"),
        (["--sizes", "transpose_a=1"], "no size 'transpose_a'"),
        (["--terms", "0"], "1 to 512 terms"),
        (["--terms", "513"], "1 to 512 terms"),
        (["--sizes", "m=99999,n=99999"], "output elements"),
        (["--only", "conv2d_forward"], "exports no kernel"),
    ],
)
def test_wrong_usage(arguments, message, capsys):
    assert main(["infer", "--kernels", str(ZOO / "matmul.c"), "--probe", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_kernel_that_is_no_sum_of_products(capsys):
    assert main(["infer", "--kernels", str(ZOO / "heap_order.c"), "--probe"]) == 2
    assert "takes sums of products" in capsys.readouterr().err


def test_a_library_that_is_none(tmp_path, capsys):
    path = tmp_path / "lib.so"
    path.write_bytes(b"\x7fELF nonsense")
    assert main(["infer", str(path)]) == 2
    assert "cannot be loaded" in capsys.readouterr().err
    assert main(["infer", str(tmp_path / "none.so")]) == 2
    assert "no such library" in capsys.readouterr().err
    assert main(["infer", str(path), "--kernels", str(ZOO / "matmul.c")]) == 2
