"""Kernels and specification agree bit for bit: every contract, every number of cores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fast.harness import run
from tests.ops.cases import CASES
from tinycl import bits
from tinycl.contract import DEFAULT, Contract, Reduction
from tinycl.fast import registry
from tinycl.fast.choose import SPARSE
from tinycl.ops import TABLE
from tinycl.testing.strategies import HARD, contracts

HOMES = {
    "elementwise": "add sub mul div mac sqrt exp log compare accumulate clear copy "
    "flatten_forward flatten_input_grad",
    "activations": "relu_forward relu_input_grad relu6_forward relu6_input_grad hard_swish_forward "
    "hard_swish_input_grad sigmoid_forward sigmoid_input_grad",
    "pooling": "max_pool_forward max_pool_input_grad avg_pool_forward avg_pool_input_grad",
    "losses": "softmax_cross_entropy_forward softmax_cross_entropy_input_grad "
    "mean_squared_error_forward mean_squared_error_input_grad mean",
    "optimisers": "sgd adam",
    "chance": "random_words random_uniform random_permutation next_turn",
    "gates": "gate_bits gate_grad",
    "magnitudes": "magnitude_sum entry_magnitudes channel_magnitudes axis_squares",
    "moments": "channel_moments deviation moving_average renorm_corrections",
    "normalise": "normalise_forward normalise_weight_grad normalise_input_grad "
    "batch_norm_input_grad",
    "dropout": "dropout_forward",
    "fold": "fold_norm",
    "squeeze": "channel_scale_forward channel_scale_input_grad channel_scale_gate_grad",
    "subsets": "gather scatter",
    "memory_rows": "gather_bytes gather_labels put_rows put_bytes put_labels concat_rows "
    "concat_labels",
    "latents": "quantise_latents dequantise_latents latent_scale largest",
    "places": "random_places reservoir_places balanced_places",
    "head": "class_counts load_head consolidate_head",
    "synapses": "synaptic_path synaptic_importance synaptic_pull",
    "turns": "turn_places take_turn",
    "quantise": "quantise dequantise",
    "int8": "int8_conv2d int8_pointwise",
    "int8_depthwise": "int8_depthwise",
    "int8_maps": "int8_add int8_max_pool",
    "tinyprop": "running_max tinyprop_decide tinyprop_count",
}
SINGLE = {name: home for home, names in HOMES.items() for name in names.split()}
SUMS = sorted(set(TABLE) - set(SINGLE) - SPARSE - {"top_k"})  # these: test_sparse.py
VECTORS, LENGTH = ("elementwise", "activations", "optimisers", "synapses"), 17 * 61
# The fast bias gradients add plain values in one chain from +0.0.
CHAIN = {"reduction": Reduction(), "start": "zero", "batch": "chain", "subnormals": "keep"}


def assert_agrees(module, kernel, operation, case, contract, cores):
    tensors, attrs = case
    expected = TABLE[operation].function(*tensors, **attrs, contract=contract)
    expected = expected if isinstance(expected, tuple) else (expected,)
    got = run(kernel, operation, tensors, attrs, contract, cores)
    for output, ours, theirs in zip(TABLE[operation].outputs, got, expected, strict=True):
        if ours is None:
            assert np.asarray(theirs).dtype == object
        elif not bits.equal(ours, theirs):
            place = tuple(np.argwhere(bits.words(ours) != bits.words(theirs))[0].tolist())
            pytest.fail(
                f"{kernel} {output.name}{list(place)}: {bits.to_hex(ours[place])}, specification "
                f"{bits.to_hex(theirs[place])}\n{cores} cores, contract {contract}\n{case}"
            )


def test_every_operation_has_a_kernel():
    assert all(name.endswith(("_forward", "_grad")) for name in SUMS)
    assert len(SUMS) == 14
    assert set(TABLE) <= set(registry.homes())


@pytest.mark.parametrize("name", sorted(SINGLE))
@given(st.data())
def test_single(name, data):
    case, contract = data.draw(CASES[name]), data.draw(contracts())
    assert_agrees(SINGLE[name], name, name, case, contract, data.draw(st.integers(1, 3)))


@pytest.mark.parametrize("name", SUMS)
@given(st.data())
def test_plain(name, data):
    case, contract = data.draw(CASES[name]), data.draw(contracts())
    assert_agrees("plain", f"plain_{name}", name, case, contract, data.draw(st.integers(1, 3)))


@pytest.mark.parametrize("name", ["conv2d_bias_grad", "linear_bias_grad"])
@given(st.data())
def test_bias(name, data):
    case, contract = data.draw(CASES[name]), data.draw(contracts(**CHAIN))
    assert_agrees("bias", name, name, case, contract, data.draw(st.integers(1, 3)))


def many(operation, seed):
    """Make tensors long enough for whole vectors and a rest; every kind of value in each place."""
    random = np.random.default_rng(seed)
    hard = np.array([p for kind in HARD.values() for p in kind], np.uint32)
    tensors = []
    for arg in TABLE[operation].inputs:
        if arg.dtype != "f32":
            break
        ordinary = random.standard_normal(LENGTH).astype(np.float32).view(np.uint32)
        anything = random.integers(0, 2**32, LENGTH, np.uint32)
        kind = random.integers(0, 3, LENGTH)
        chosen = np.choose(kind, (ordinary, anything, random.choice(hard, LENGTH)))
        tensors.append(chosen.astype(np.uint32).view(np.float32))
    return tensors


@pytest.mark.parametrize("flush", ["keep", "flush"])
@pytest.mark.parametrize("mac", ["fma", "mul_add", "fma_via_double"])
@pytest.mark.parametrize("name", sorted(n for n in SINGLE if SINGLE[n] in VECTORS))
def test_long(name, mac, flush):
    tensors, attrs = many(name, 5), {}
    if name in ("sgd", "adam"):
        attrs = {"lr": 0.1, "weight_decay": 1e-3}
        attrs |= {"momentum": 0.9} if name == "sgd" else {"beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    if name in ("synaptic_importance", "synaptic_pull"):
        attrs = {"factor": 1.0, "eps": 1e-7, "clip": 1e-3}
        attrs = {"strength": 0.5} if name == "synaptic_pull" else attrs
    if name == "adam":
        tensors[4] = np.array([0.1, 0.01], np.float32)
    if name.startswith("flatten"):
        tensors = [tensors[0].reshape((1, 17, 61, 1) if name == "flatten_forward" else (1, -1))]
        attrs = {} if name == "flatten_forward" else {"image": (17, 61, 1)}
    contract = Contract(mac=mac, subnormals=flush)
    assert_agrees(SINGLE[name], name, name, (tensors, attrs), contract, 2)


@pytest.mark.parametrize("subnormals", ["keep", "flush"])
@pytest.mark.parametrize("decay", [2.0**-149, 2.0**-127, -0.0])
def test_a_subnormal_decay_is_no_decay_when_flushed(decay, subnormals):
    w, g = np.float32([0, 0, 1e30]), np.float32([-0.0, 0, -1e-30])
    attrs = {"lr": 1.0, "momentum": 0.0, "weight_decay": decay}
    contract = Contract(subnormals=subnormals)
    assert_agrees("optimisers", "sgd", "sgd", ((w, g, g), attrs), contract, 1)


@pytest.mark.parametrize("name", ["exp", "log"])
def test_exp_and_log_of_many_numbers(name):
    random = np.random.default_rng(7)
    patterns = random.integers(0, 2**32, 1 << 17, np.uint32).view(np.float32)
    near_one = (0x3F800000 + np.arange(-2000, 2000)).astype(np.uint32).view(np.float32)
    usual = random.uniform(-110, 95, 1 << 16).astype(np.float32)
    x = np.concatenate((patterns, near_one, usual, np.abs(usual)))
    assert_agrees("elementwise", name, name, ((x,), {}), DEFAULT, 1)


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize(
    "shape",
    [(2, 37, 3, 7), (1, 8, 4, 4), (3, 24, 1, 3), (2, 50, 1, 1), (2, 19, 8, 8), (1, 16, 5, 13)],
)
def test_bias_of_many_channels(shape, cores):
    dy = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    name = "conv2d_bias_grad"
    assert_agrees("bias", name, name, ((dy,), {}), DEFAULT, cores)
    name = "linear_bias_grad"
    assert_agrees("bias", name, name, ((dy.reshape(shape[0], -1),), {}), DEFAULT, cores)


def test_a_place_outside_its_window_gets_nothing():
    random = np.random.default_rng(3)
    dy = random.standard_normal((2, 3, 3, 3)).astype(np.float32)
    places = random.integers(0, 30, dy.shape, np.int32)
    attrs = {"size": (5, 6), "kernel": (2, 3), "stride": (2, 2), "padding": (1, 0, 1, 0)}
    name = "max_pool_input_grad"
    assert_agrees("pooling", name, name, ((dy, places), attrs), DEFAULT, 2)
