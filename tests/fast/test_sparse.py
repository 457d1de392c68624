"""Kernels of sparse training: equal bits to the specification, on any number of cores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fast.fields import values
from tests.fast.harness import run
from tests.ops.cases import CASES, settled
from tests.ops.sparse_cases import reordered
from tinycl import bits
from tinycl.contract import DEFAULT
from tinycl.fast.choose import SPARSE, choose
from tinycl.golden.catalogue.case import one_operation
from tinycl.ops import TABLE
from tinycl.testing.strategies import Layer, contracts

FAST = [
    DEFAULT.but(mac=mac, selection_order=order)
    for mac in ("fma", "mul_add")
    for order in ("ascending", "heap")
]
BACKWARDS = [c.but(input_grad_taps="by_weight", padding="skip") for c in FAST]


def kernel_of(name, tensors, attrs, contract):
    """Return the kernel that the engine takes for one operation."""
    inputs = dict(zip((a.name for a in TABLE[name].inputs), tensors, strict=False))
    plan, _ = one_operation(name, {k: v for k, v in inputs.items() if v is not None}, attrs)
    (body,) = plan.bodies.values()
    return choose(body.ops[0], plan, contract)


def assert_agrees(name, case, contract, cores, kernel=None):
    tensors, attrs = case
    attrs = settled(name, attrs)
    expected = TABLE[name].function(*tensors, **attrs, contract=contract)
    expected = expected if isinstance(expected, tuple) else (expected,)
    kernel = kernel or kernel_of(name, tensors, attrs, contract)
    got = run(kernel, name, tensors, attrs, contract, cores)
    for output, ours, theirs in zip(TABLE[name].outputs, got, expected, strict=True):
        if ours is not None and not bits.equal(ours, theirs):
            place = tuple(np.argwhere(bits.words(ours) != bits.words(theirs))[0].tolist())
            pytest.fail(
                f"{kernel} {output.name}{list(place)}: {bits.to_hex(ours[place])}, specification "
                f"{bits.to_hex(theirs[place])}\n{cores} cores, contract {contract}\n{case}"
            )


@pytest.mark.parametrize("name", sorted(SPARSE) + ["top_k"])
@given(st.data())
def test_any_contract(name, data):
    contract, cores = data.draw(contracts()), data.draw(st.integers(1, 3))
    case = reordered(data.draw, name, data.draw(CASES[name]), contract)
    assert_agrees(name, case, contract, cores)


@pytest.mark.parametrize("name", sorted(SPARSE))
@given(st.data())
def test_plain(name, data):
    contract, cores = data.draw(contracts()), data.draw(st.integers(1, 3))
    case = reordered(data.draw, name, data.draw(CASES[name]), contract)
    heap = contract.selection_order == "heap" and name != "sampled_bias_grad"
    kernel = f"plain_heap_{name}" if heap else f"plain_{name}"
    assert_agrees(name, case, contract, cores, kernel)


@pytest.mark.parametrize("name", sorted(SPARSE))
@given(st.data())
def test_fast(name, data):
    contract, cores = data.draw(st.sampled_from(FAST + BACKWARDS)), data.draw(st.integers(1, 3))
    assert_agrees(name, reordered(data.draw, name, data.draw(CASES[name]), contract), contract,
                  cores)  # fmt: skip


@pytest.mark.parametrize("layer", ["conv2d", "depthwise", "pointwise", "linear"])
@given(st.data())
def test_all_survivors_give_the_dense_gradient(layer, data):
    direction = data.draw(st.sampled_from(("weight", "input")))
    name = f"{layer}_sparse_{direction}_grad"
    (a, dy, *_), attrs = data.draw(CASES[name])
    contract, cores = data.draw(contracts()), data.draw(st.integers(1, 3))
    channels = attrs.get("channels", 0)
    m = dy.shape[1] if channels else dy[0].size
    index = np.random.default_rng(m).permutation(m) if contract.selection_order == "heap" else None
    index = np.arange(m) if index is None else index
    lists = np.array([m], np.int32), index.astype(np.int32)[None]
    dense = {k: v for k, v in attrs.items() if k != "channels"}
    wanted = TABLE[f"{layer}_{direction}_grad"].function(a, dy, **dense, contract=contract)
    kernel = kernel_of(name, (a, dy, *lists), attrs, contract)
    got = run(kernel, name, (a, dy, *lists), attrs, contract, cores)
    assert bits.equal(got[0], wanted), (kernel, contract)


def survivors(seed, n, m, share, rows, heap):
    """Return lists of about share*m of m items, none and all of them among the rows."""
    random = np.random.default_rng(seed)
    cap = max(1, int(share * m))
    count = random.integers(0, cap + 1, rows)
    count[0] = cap
    index = np.full((rows, cap), -1)
    for k, row in zip(count, index, strict=True):
        chosen = random.permutation(m)[:k]
        row[:k] = chosen if heap else np.sort(chosen)
    return count.astype(np.int32), index.astype(np.int32)


# Strips of every width and a rest; several blocks of channels; images cut, padded, strided.
LAYERS = (
    Layer(2, 40, 13, (5, 5), (1, 1), (1, 1), (0, 0, 0, 0)),
    Layer(3, 300, 17, (4, 4), (1, 1), (1, 1), (0, 0, 0, 0)),
    Layer(2, 21, 9, (9, 8), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 150, 6, (6, 7), (3, 3), (2, 2), (1, 0, 2, 1)),
    Layer(2, 3, 7, (13, 29), (2, 7), (3, 3), (3, 0, 5, 2)),
    Layer(1, 9, 4, (12, 9), (2, 1), (1, 3), (0, 4, 3, 0)),
    Layer(2, 8, 5, (7, 7), (3, 9), (2, 1), (2, 2, 4, 4)),
    Layer(1, 17, 3, (40, 40), (3, 3), (1, 1), (1, 1, 1, 1)),
)


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("family", ["conv2d", "depthwise", "pointwise", "linear"])
def test_layers(family, layer, special):
    own = family == "depthwise"
    co, size, out = layer.ci if own else layer.co, layer.size, layer.out
    attrs = {"stride": layer.stride, "padding": layer.padding}
    weights = (layer.ci, *layer.kernel) if own else (co, layer.ci, *layer.kernel)
    forward, backward = {"kernel": layer.kernel, **attrs}, {"size": size, **attrs}
    if family in ("pointwise", "linear"):
        weights, out, forward, backward = (co, layer.ci), size, {}, {}
        if family == "linear":
            size = out = ()
    shapes = (layer.n, layer.ci, *size), weights, (layer.n, co, *out)
    x, w, dy = values(special, *shapes)
    for channels in (0, 1) if family != "linear" else (0,):
        for share, rows, contract, cores in (
            (0.3, layer.n, FAST[0], 1),
            (0.1, 1, FAST[3], 2),
            (0.7, layer.n, BACKWARDS[0], 3),
            (1.0, layer.n, FAST[2], 2),
            (1.0, layer.n, BACKWARDS[1], 1),
        ):
            heap = contract.selection_order == "heap"
            m = co if channels else dy[0].size
            lists = survivors(channels, layer.n, m, share, rows, heap)
            told = {"channels": channels} if family != "linear" else {}
            skip = contract.but(padding="multiply")
            case = ((x, dy, *lists), {**forward, **told})
            assert_agrees(f"{family}_sparse_weight_grad", case, skip, cores)
            case = ((w, dy, *lists), {**backward, **told})
            assert_agrees(f"{family}_sparse_input_grad", case, contract, cores)


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_lists_that_cannot_be_touch_no_other_memory(cores):
    """What the specification refuses must not write elsewhere; the harness guards all memory."""
    x, w, dy = values(False, (2, 9, 5, 5), (4, 9, 3, 3), (2, 4, 5, 5))
    count = np.array([99, -5], np.int32)
    index = np.array([[3, -7, 2**31 - 1, 5, 5, 100], [0] * 6], np.int32)
    attrs = {"stride": (1, 1), "padding": (1, 1, 1, 1)}
    for channels in (0, 1):
        forward = {"kernel": (3, 3), **attrs, "channels": channels}
        backward = {"size": (5, 5), **attrs, "channels": channels}
        for prefix in ("", "plain_", "plain_heap_"):
            for name, a, given_ in (("weight", x, forward), ("input", w, backward)):
                name = f"conv2d_sparse_{name}_grad"
                room = index if not channels else index[:, :4]
                tensors, kernel = (a, dy, count, room), prefix + name
                run(kernel, name, tensors, given_, DEFAULT, cores)


def keys(kind, m, seed):
    """Make a row for a selection: without ties, with many, of one value, or of anything."""
    random = np.random.default_rng(seed)
    if kind == "ties":
        return random.integers(-3, 4, m).astype(np.float32)
    if kind == "equal":
        return np.full(m, -0.25, np.float32)
    if kind == "zeros":
        return np.where(random.random(m) < 0.9, 0, random.standard_normal(m)).astype(np.float32)
    if kind == "anything":
        return random.integers(0, 2**32, m, np.uint32).view(np.float32)
    if kind == "periodic":  # a sample with a stride would see one value of many
        return np.where(np.arange(m) % 8 == 0, 1e6, random.standard_normal(m)).astype(np.float32)
    if kind == "sorted":
        return np.sort(random.standard_normal(m)).astype(np.float32)
    return random.standard_normal(m).astype(np.float32)


KINDS = ("plain", "ties", "equal", "zeros", "anything", "periodic", "sorted")


@pytest.mark.parametrize("m", [1, 2, 63, 64, 65, 200, 4096, 4097, 9000, 33000])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["ascending", "heap"])
def test_selection(order, kind, m):
    a = np.stack([keys(kind, m, seed) for seed in range(3)])
    for k in sorted({1, 2, m // 10, m // 2, m - m // 10, m - 1, m} & set(range(1, m + 1))):
        for subnormals in ("keep", "flush"):
            contract = DEFAULT.but(selection_order=order, subnormals=subnormals)
            assert_agrees("top_k", ((a,), {"k": k}), contract, 1 + k % 3)
    wanted = np.array([m, 0, (m + 1) // 3], np.int32)
    assert_agrees("top_k", ((a, wanted), {"k": 0}), DEFAULT.but(selection_order=order), 2)


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("mac", ["fma", "mul_add"])
@pytest.mark.parametrize("shape", [(1, 70), (8, 33), (19, 7), (3, 11, 5, 9), (2, 20, 1, 1)])
def test_measures(shape, mac, cores):
    (a,) = values(True, shape)
    for subnormals in ("keep", "flush"):
        contract = DEFAULT.but(mac=mac, subnormals=subnormals)
        for name in ("magnitude_sum", "entry_magnitudes"):
            assert_agrees(name, ((a,), {}), contract, cores)
        if len(shape) == 4:
            assert_agrees("channel_magnitudes", ((a,), {}), contract, cores)
        for axis in range(len(shape)):
            assert_agrees("axis_squares", ((a,), {"axis": axis}), contract, cores)


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("shape", [(70,), (9, 33), (3, 40, 5), (2, 7, 5, 9)])
def test_subsets(shape, cores):
    random = np.random.default_rng(len(shape))
    (x,) = values(True, shape)
    for axis, length in enumerate(shape):
        for index in (random.permutation(length), random.integers(0, length, length + 3)):
            index = index.astype(np.int32)[None]
            y = random.standard_normal(x.take(index[0], axis).shape).astype(np.float32)
            assert_agrees("gather", ((x, index), {"axis": axis}), DEFAULT, cores)
            assert_agrees("scatter", ((x, y, index), {"axis": axis}), DEFAULT, cores)


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 31, 32, 33, 64, 1000])
def test_gates(size, cores):
    x, dy = values(True, (size,), (size,))
    for subnormals in ("keep", "flush"):
        contract = DEFAULT.but(subnormals=subnormals)
        for below in (np.inf, 6.0, 1.0, 2.0**-130, 0.0, -1.0, np.nan):
            assert_agrees("gate_bits", ((x,), {"below": below}), contract, cores)
        words = np.random.default_rng(size).integers(-(2**31), 2**31, -(-size // 32), np.int32)
        assert_agrees("gate_grad", ((words, dy), {}), contract, cores)


@pytest.mark.parametrize("shape", [(3, 19, 3, 5), (2, 8, 4, 4), (4, 33)])
def test_biases(shape):
    (dy,) = values(True, shape)
    for cores in (1, 2, 3):
        for trained in ([0, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]):
            kept = np.array(trained[: shape[0]], np.int32)
            assert_agrees("sampled_bias_grad", ((dy, kept), {}), DEFAULT, cores)
        for channels in (0, 1):
            m = shape[1] if channels else dy[0].size
            for rows, share in ((1, 0.5), (shape[0], 0.2), (shape[0], 1.0)):
                for contract in FAST[:2]:
                    heap = contract.selection_order == "heap"
                    lists = survivors(1, shape[0], m, share, rows, heap)
                    case = ((dy, *lists), {"channels": channels})
                    assert_agrees("sparse_bias_grad", case, contract, cores)
