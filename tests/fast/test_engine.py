"""The engine as an executor: the same bits on any plan, contract and number of threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinycl
from tests.nn.test_training import IMAGES, LABELS, small_net
from tests.ops.cases import CASES, settled
from tinycl import nn
from tinycl.bits import equal
from tinycl.contract import DEFAULT
from tinycl.data import digits, epochs
from tinycl.errors import TargetError
from tinycl.fast.fuse import fuse
from tinycl.fast.program import Program
from tinycl.golden.catalogue import catalogue
from tinycl.golden.catalogue.case import one_operation
from tinycl.golden.folder import default_folder, path_of
from tinycl.golden.store import read
from tinycl.models import digits_training, mobilenet_v1
from tinycl.ops import TABLE
from tinycl.plan import check_inputs, layout
from tinycl.testing.strategies import contracts

THREADS = (1, 2, 3)


def differing(a, b):
    assert a.keys() == b.keys()
    return [k for k in a if not equal(a[k], b[k])]


@pytest.mark.parametrize("name", sorted(TABLE))
@given(st.data())
def test_any_contract(name, data):
    tensors, attrs = data.draw(CASES[name])
    contract, cores = data.draw(contracts()), data.draw(st.sampled_from(THREADS))
    inputs = dict(zip((a.name for a in TABLE[name].inputs), tensors, strict=False))
    plan, given_ = one_operation(name, inputs, settled(name, attrs))
    wanted = tinycl.run(plan, given_, contract=contract).tensors()
    got = tinycl.run(plan, given_, target="numba", contract=contract, cores=cores).tensors()
    assert differing(wanted, got) == []


@pytest.mark.parametrize("name", sorted(TABLE))
@given(st.data())
def test_default_contract_against_c(host, name, data):
    tensors, attrs = data.draw(CASES[name])
    inputs = dict(zip((a.name for a in TABLE[name].inputs), tensors, strict=False))
    plan, given_ = one_operation(name, inputs, settled(name, attrs))
    wanted = host.run(plan, given_, cores=3, timeout=60).tensors()
    cores = data.draw(st.sampled_from(THREADS))
    assert differing(wanted, tinycl.run(plan, given_, target="numba", cores=cores).tensors()) == []


@pytest.mark.parametrize("cores", THREADS)
@pytest.mark.parametrize("checked", [True, False])
def test_golden_suite(cores, checked):
    wrong = []
    for name in catalogue():
        golden = read(path_of(default_folder(), name))
        got = tinycl.run(
            golden.plan,
            golden.inputs,
            target="numba",
            contract=golden.contract,
            cores=cores,
            checked=checked,
        ).tensors()
        wrong += [name for k, v in got.items() if not equal(v, golden.tensors[k])]
    assert wrong == []


@pytest.mark.parametrize("microbatches", [1, 2])
@pytest.mark.parametrize("optimiser", [nn.SGD(0.1, 0.9, 1e-3), nn.Adam(0.01)])
def test_whole_runs(optimiser, microbatches):
    training = nn.Training(
        small_net(), nn.SoftmaxCrossEntropy(), optimiser, (3, 2, 6, 5), microbatches
    )
    plan = training.plan(4)
    data = training.values(7) | training.stream(IMAGES, LABELS, 4)
    for checked in (True, False):
        wanted = tinycl.run(plan, data, checked=checked).tensors()
        for cores in THREADS:
            got = tinycl.run(plan, data, target="numba", cores=cores, checked=checked).tensors()
            assert differing(wanted, got) == []


@settings(max_examples=6)
@given(contracts())
def test_whole_runs_under_any_contract(contract):
    training = nn.Training(small_net(), nn.SoftmaxCrossEntropy(), nn.SGD(0.1, 0.9), (3, 2, 6, 5))
    plan = training.plan(2)
    data = training.values(7) | training.stream(IMAGES, LABELS, 2)
    wanted = tinycl.run(plan, data, contract=contract, checked=False).tensors()
    got = tinycl.run(plan, data, target="numba", contract=contract, checked=False, cores=2)
    assert differing(wanted, got.tensors()) == []


def test_a_thousand_steps_on_digits(host):
    training = digits_training()
    images, labels = epochs(digits(), 12, 89 * 16)
    plan = training.plan(1000)
    data = training.values(1) | training.stream(images, labels, 1000)
    wanted = host.run(plan, data, checked=False, cores=2, timeout=300).tensors()
    got = tinycl.run(plan, data, target="numba", checked=False, cores=2).tensors()
    assert differing(wanted, got) == []


@pytest.mark.parametrize("train_from", [None, "conv5_4"])
def test_a_mobilenet_step_against_c(host, train_from):
    """Large enough for full tiles, several blocks and panels, and every fused kernel."""
    net = mobilenet_v1(width=0.25, classes=7, train_from=train_from)
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.01, 0.9), (3, 3, 64, 64))
    plan = training.plan(1)
    rng = np.random.default_rng(5)
    data = training.values(1) | {
        "x": rng.standard_normal((1, 3, 3, 64, 64), np.float32),
        "target": np.array([[0, 6, 3]], np.int32),
    }
    wanted = host.run(plan, data, checked=False, cores=2, timeout=300).tensors()
    for cores in THREADS:
        got = tinycl.run(plan, data, target="numba", checked=False, cores=cores).tensors()
        assert differing(wanted, got) == []


def test_the_fast_path_runs():
    training = digits_training()
    plan = training.plan(3)
    fast = Program(plan, DEFAULT, False, 1).kernels
    assert fast["pointwise_forward"] == fast["conv2d_weight_grad"] == 3
    assert not [name for name in fast if name.startswith("plain_")]
    assert "relu_forward" not in fast  # fused
    slow = Program(plan, DEFAULT.but(reduction="lanes(4,left)"), False, 1).kernels
    assert slow["plain_pointwise_forward"] == 3
    assert "pointwise_forward" not in slow


def test_fusion_saves_operations_and_memory():
    plan = digits_training().plan(1)
    fused = fuse(plan)
    assert len(fused.plan.bodies["train"].ops) < len(plan.bodies["train"].ops)
    after = layout(fused.plan, False, fused.extra_reads()).words
    assert after <= layout(plan, False).words


def test_a_program_runs_again_from_the_same_start():
    training = digits_training()
    plan, split = training.plan(2), digits()
    data = check_inputs(plan, training.values(1) | training.stream(split.images, split.labels, 2))
    program = Program(plan, DEFAULT, False, 2)
    results = []
    for _ in range(2):
        program.load(data)
        program.run_body("train", 2)
        results.append({n: program.memory[n].copy() for n in plan.outputs})
    assert differing(*results) == []


def test_threads_are_set_once():
    training = digits_training()
    plan, split = training.plan(1), digits()
    data = training.values(1) | training.stream(split.images, split.labels, 1)
    wanted = tinycl.run(plan, data, target="numba").tensors()
    tinycl.set_num_threads(3)
    try:
        assert differing(wanted, tinycl.run(plan, data, target="numba").tensors()) == []
    finally:
        tinycl.set_num_threads(1)
    for wrong in (0, -1, 1.5, True, 10_000):
        with pytest.raises(TargetError, match="takes 1 to"):
            tinycl.set_num_threads(wrong)
