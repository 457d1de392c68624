"""The C reference on the PULP cluster under GVSoC."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.target.test_operations import CONTRACTS, case_of, compared
from tinycl.bits import equal
from tinycl.contract import DEFAULT
from tinycl.errors import ContractError, TargetError
from tinycl.golden.catalogue import catalogue
from tinycl.golden.folder import default_folder, path_of
from tinycl.golden.store import read
from tinycl.ops import TABLE
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.target import gvsoc as module
from tinycl.target.build import build, missing
from tinycl.target.gvsoc import GvsocTarget
from tinycl.target.numpy_target import NumpyTarget
from tinycl.target.result import Result
from tinycl.testing.strategies import arrays

from chains import ORDERS, different, gradients, tinyprop  # isort: skip
from runs import Work, same  # isort: skip

CORES = (1, 2, 3, 8)


@pytest.mark.gvsoc
@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("cores", CORES)
def test_training_equals_the_specification(
    gvsoc: GvsocTarget, training: Work, cores: int, checked: bool
) -> None:
    same(gvsoc, training, cores=cores, checked=checked)


@pytest.mark.gvsoc
@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=8)
@given(data=st.data())
def test_every_operation(gvsoc: GvsocTarget, name: str, data: st.DataObject) -> None:
    contract = gvsoc.spoken(data.draw(CONTRACTS))
    plan, values = case_of(name, data, contract)
    assert compared(gvsoc, plan, values, contract, data.draw(st.sampled_from(CORES)), True) == []


@pytest.mark.gvsoc
@settings(max_examples=20)
@given(work=st.one_of(gradients(), tinyprop()), order=st.sampled_from(ORDERS))
@pytest.mark.parametrize("cores", [3, 8])
def test_sparse_chains(gvsoc: GvsocTarget, work: Work, order: str, cores: int) -> None:
    assert different(gvsoc, work, order, cores=cores) == []


@pytest.mark.gvsoc
def test_the_plans_of_the_golden_suite(gvsoc: GvsocTarget) -> None:
    wrong = []
    for number, name in enumerate(catalogue()):
        golden = read(path_of(default_folder(), name))
        contract = gvsoc.spoken(golden.contract)
        cores, checked = CORES[number % len(CORES)], number % 3 > 0
        if compared(gvsoc, golden.plan, golden.inputs, contract, cores, checked):
            wrong.append(name)
    assert wrong == []


def multiply_add(values: np.ndarray) -> Work:
    """Return a plan of a*b + c over the rows of (3, n)."""
    tensors = [Tensor(name, (values.shape[1],), "f32", "input") for name in "abc"]
    tensors.append(Tensor("y", (values.shape[1],)))
    body = Body("all", (Op("mac", ("a", "b", "c"), ("y",)),))
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 1),), ("y",))
    return plan, dict(zip("abc", values, strict=True))


@pytest.mark.gvsoc
def test_the_triples_that_tell_one_fma_from_another(gvsoc: GvsocTarget) -> None:
    words = [
        [0x3F800001, 0x3FC00000, 0x80000001],
        [0x3F800003, 0x3FC00000, 0x00000001],
        [0x3F800001, 0x3FC00000, 0x00000001],
    ]
    values = np.array(words, np.uint32).T.copy().view(np.float32)
    contract = gvsoc.spoken(DEFAULT)
    got = gvsoc.run(*multiply_add(values), contract=contract).outputs["y"].view(np.uint32)
    wanted = {"fma": 0x3FC00001, "fma_via_double": 0x3FC00002}[contract.mac]
    assert [f"{word:08x}" for word in got[:2]] == [f"{wanted:08x}", "3fc00005"]
    same(gvsoc, multiply_add(values), cores=3)


@pytest.mark.gvsoc
@settings(max_examples=40)
@given(values=arrays((3, 64)))
def test_hard_sums_of_products(gvsoc: GvsocTarget, values: np.ndarray) -> None:
    same(gvsoc, multiply_add(values), cores=8)


@pytest.mark.gvsoc
def test_near_ties_of_a_multiply_add(gvsoc: GvsocTarget) -> None:
    """Where a product is a tie of binary32 but for a tiny c: what two roundings get wrong."""
    random = np.random.default_rng(5)
    a = (random.integers(0x3F800000, 0x40000000, 4096, np.uint32) | 1).view(np.float32)
    b = np.full(4096, 1.5, np.float32)
    signs = random.integers(0, 2, 4096).astype(np.uint32) << 31
    c = (signs | random.integers(1, 1 << 24, 4096, np.uint32)).view(np.float32)
    same(gvsoc, multiply_add(np.stack([a, b, c])), cores=8)


@pytest.mark.gvsoc
def test_a_plan_larger_than_the_chip_uses_external_memory(
    gvsoc: GvsocTarget, training: Work
) -> None:
    """Requests of 0.6 MB, with tensors of 1.2 MB, before and after smaller ones."""
    random = np.random.default_rng(3)
    values = random.integers(0, 1 << 32, (3, 100_000), np.uint32).view(np.float32)
    gvsoc.close()
    for work in (training, multiply_add(values[:, :50_000]), multiply_add(values), training):
        same(gvsoc, work, cores=8, checked=False)


@pytest.mark.gvsoc
def test_too_little_memory_is_told(gvsoc: GvsocTarget, training: Work) -> None:
    tensors = [Tensor("a", (512, 512, 256), "f32"), Tensor("i", (1,), "f32", "input")]
    tensors.append(Tensor("o", (1,)))
    body = Body("all", (Op("relu_forward", ("i",), ("o",)),))
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 1),), ("o",))
    inputs = {"i": np.ones(1, np.float32)}
    with pytest.raises(TargetError, match=r"the plan needs 2684\d+ bytes, there are 67108864"):
        gvsoc.run(plan, inputs, contract=gvsoc.spoken(DEFAULT), timeout=20)
    same(gvsoc, training)


@pytest.mark.gvsoc
def test_thousands_of_forks_lose_none(gvsoc: GvsocTarget) -> None:
    tensors = [Tensor("a", (16,), "f32", "state"), Tensor("b", (16,), "f32", "input")]
    body = Body("all", (Op("accumulate", ("a", "b"), ("a",)),) * 100)
    plan = Plan({t.name: t for t in tensors}, {"all": body}, (Run("all", 20),), ("a",))
    inputs = {"a": np.zeros(16, np.float32), "b": np.arange(16, dtype=np.float32)}
    for cores in (2, 8, 3, 5):
        got = gvsoc.execute(plan, inputs, checked=False, cores=cores, timeout=60).outputs["a"]
        assert got.tolist() == [2000.0 * i for i in range(16)]


@pytest.mark.gvsoc
def test_one_simulator_serves_runs_and_a_closed_target_starts_another(
    gvsoc: GvsocTarget, training: Work
) -> None:
    same(gvsoc, training, cores=2)
    first = gvsoc._session._process
    same(gvsoc, training, cores=8)
    assert gvsoc._session._process is first
    folder = Path(gvsoc._scratch.folder())
    assert (folder / "gvsoc_config.json").is_file()
    gvsoc.close()
    assert not folder.exists()
    same(gvsoc, training, cores=8)
    assert gvsoc._session._process is not first


@pytest.mark.gvsoc
def test_the_contract_that_it_speaks(
    gvsoc: GvsocTarget, training: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = gvsoc.simulator()
    assert facts["mac"] == gvsoc.mac() == gvsoc.spoken(DEFAULT).mac
    monkeypatch.setitem(module._macs, facts["path"], "fma_via_double")
    heap = DEFAULT.but(selection_order="heap")
    assert gvsoc.spoken(heap) == heap.but(mac="fma_via_double")
    assert gvsoc.spoken(DEFAULT.but(mac="mul_add")) == DEFAULT.but(mac="mul_add")
    told = "its multiply-add is fma_via_double, the contract says mac=fma; ask for the contract"
    with pytest.raises(ContractError, match=told):
        gvsoc.run(*training)
    with pytest.raises(ContractError, match="default contract only"):
        gvsoc.run(*training, contract=DEFAULT.but(mac="mul_add"))
    monkeypatch.setitem(module._macs, facts["path"], "fma")
    assert gvsoc.spoken(heap) == heap
    with pytest.raises(ContractError, match="default contract only"):
        gvsoc.run(*training, contract=DEFAULT.but(mac="fma_via_double"))


@pytest.mark.gvsoc
def test_an_fma_that_no_contract_describes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(self: GvsocTarget, *args: object, **options: object) -> Result:
        return Result({"y": np.array([0x3FC00003], np.uint32).view(np.float32)}, {})

    monkeypatch.setattr(GvsocTarget, "execute", execute)
    with pytest.raises(TargetError, match="unknown: of 3f800001, 3fc00000, 80000001 it makes 3fc0"):
        module.probe()


@pytest.mark.gvsoc
def test_nine_cores_are_refused(gvsoc: GvsocTarget, training: Work) -> None:
    with pytest.raises(TargetError, match="1 to 8 cores, got 9"):
        gvsoc.run(*training, contract=gvsoc.spoken(DEFAULT), cores=9)


@pytest.mark.gvsoc
def test_cores_change_no_bit(gvsoc: GvsocTarget, training: Work) -> None:
    contract = gvsoc.spoken(DEFAULT)
    runs = [gvsoc.run(*training, contract=contract, cores=n).tensors() for n in range(1, 9)]
    wanted = NumpyTarget().run(*training, contract=contract).tensors()
    for got in runs:
        assert [name for name in wanted if not equal(got[name], wanted[name])] == []


Listing = Callable[..., str]


@pytest.fixture(scope="module")
def listing() -> Listing:
    """Return what an LLVM or GNU tool prints of the program; skip where it cannot be built."""
    reason = missing(module.RECIPE)
    if reason is not None:
        pytest.skip(f"the program for the PULP cluster cannot be built: {reason}")
    names = ("riscv64-unknown-elf-objdump", "llvm-objdump-19", "llvm-objdump")
    tool = next((found for name in names if (found := shutil.which(name))), None)
    if tool is None:
        pytest.skip("needs objdump for RISC-V (Debian: apt install binutils-riscv64-unknown-elf)")

    def run(*options: str) -> str:
        command = [tool, *options, str(build(module.RECIPE))]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return run


@pytest.mark.parametrize("kernel", ["conv2d", "pointwise", "linear", "depthwise"])
@pytest.mark.parametrize("direction", ["forward", "weight_grad", "input_grad"])
def test_each_kernel_uses_the_fused_instruction(
    listing: Listing, kernel: str, direction: str
) -> None:
    """Kernels or what they call: a function between its label and the next."""
    functions = dict(re.findall(r"<(\w+)>:\n((?:.+\n)+)", listing("-d")))
    name = f"tinycl_{kernel}_{direction}"
    bodies, left = "", [name]
    seen = set(left)
    while left:
        body = functions[left.pop()]
        bodies += body
        called = set(re.findall(r"<(\w+)>$", body, re.MULTILINE)) & functions.keys() - seen
        seen |= called
        left += called
    assert re.search(r"\bfn?m(add|sub)\.s\b", bodies)


def test_the_program_has_no_floating_point_library(listing: Listing) -> None:
    names = listing("-t")
    assert "runner_serve" in names
    assert "cluster_boot" in names
    soft = r"\b(__(?:add|sub|mul|div|neg|eq|ne|lt|le|gt|ge|unord)[sd]f[23]|__fix\w+|__float\w+|"
    soft += r"fmaf?|sqrtf?|expf?|logf?)$"
    assert re.findall(soft, names, re.MULTILINE) == []
