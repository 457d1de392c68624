"""What the default kernels must get right: hard values, cores, cheap fields, fused epilogues."""

import numpy as np
from hypothesis import strategies as st

from tests.fast.harness import run
from tinycl import ops
from tinycl.bits import words
from tinycl.contract import DEFAULT
from tinycl.fast.micro import MASK, RELU, RELU6
from tinycl.testing.strategies import HARD

SPECIAL = np.array([p for kind in HARD.values() for p in kind] + [0, 0x80000000], np.uint32)
FORWARD = ({}, {"mac": "mul_add"}, {"bias": "start"}, {"mac": "mul_add", "bias": "start"})
WEIGHT = ({}, {"mac": "mul_add"})
INPUT = ({}, {"mac": "mul_add"}, {"input_grad_taps": "by_weight"})


def fields(name):
    """Return the contracts that the kernel of this name takes."""
    kinds = FORWARD if name.endswith("forward") else WEIGHT if "weight" in name else INPUT
    if name == "conv2d_forward":
        kinds = (*kinds, {"taps": "spatial_major"})
    return [DEFAULT.but(**kind) for kind in kinds]


def values(special, *shapes):
    """Return tensors of ordinary numbers; with `special`, one in twenty is a hard one."""
    rng = np.random.default_rng(len(shapes) + sum(map(sum, shapes)))
    made = []
    for shape in shapes:
        x = rng.standard_normal(shape).astype(np.float32)
        if special:
            hard = rng.choice(SPECIAL, shape).view(np.float32)
            x = np.where(rng.random(shape) < 0.05, hard, x)
        made.append(x)
    return made


def same(found, expected, told):
    """Raise unless all bits agree, every NaN being one NaN."""
    a, b = words(found), words(expected)
    assert (a == b).all(), (told, np.argwhere(a != b)[:5].tolist(), a[a != b][:5], b[a != b][:5])


def check_case(name, tensors, attrs, data):
    """Compare one drawn case under a drawn contract, number of cores and epilogue."""
    contract = data.draw(st.sampled_from(fields(name)))
    cores = data.draw(st.integers(1, 3))
    expected = getattr(ops, name)(*tensors, **attrs, contract=contract)
    same(*run(name, name, tensors, attrs, contract, cores), expected, name)
    check_fused(name, tensors, attrs, contract, cores, expected)


def check_large(name, tensors, attrs):
    """Compare under every contract that the kernel takes."""
    for contract in fields(name):
        expected = getattr(ops, name)(*tensors, **attrs, contract=contract)
        for cores in (1, 2, 3):
            same(
                *run(name, name, tensors, attrs, contract, cores), expected, (contract.text, cores)
            )
        check_fused(name, tensors, attrs, contract, 2, expected)


def check_fused(name, tensors, attrs, contract, cores, expected):
    """Compare with the activation as an operation of its own."""
    if name.endswith("forward"):
        for flag, activation in ((RELU, ops.relu_forward), (RELU6, ops.relu6_forward)):
            (found,) = run(name, name, tensors, attrs, contract, cores, flag)
            same(found, activation(expected), (name, flag))
    if name.endswith("input_grad"):
        (gate,) = values(True, expected.shape)
        (found,) = run(name, name, tensors, attrs, contract, cores, MASK, gate)
        same(found, ops.relu_input_grad(gate, expected), (name, "mask"))
