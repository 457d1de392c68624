"""Bad lists of survivors: refused with the place, the value and what is allowed."""

import numpy as np
import pytest

from tests.ops.examples import DENSE_DY, EXAMPLES, call, i32, ramp, refused
from tinycl.contract import Contract
from tinycl.errors import ShapeError
from tinycl.ops import TABLE

NAMES = sorted(
    n for n, row in TABLE.items() if [a.name for a in row.inputs][-2:] == ["count", "index"]
)
CHANNELS = [n for n in NAMES if TABLE[n].attrs and not n.startswith("linear")]
HEAP = Contract(selection_order="heap")


def with_lists(name, count, index):
    return (*EXAMPLES[name][0][:-2], count, index)


def test_all_are_found():
    assert len(NAMES) == 9
    assert len(CHANNELS) == 7


@pytest.mark.parametrize("name", NAMES)
def test_counts(name):
    index = i32([0, 1], [0, 1])
    for bad in (-1, 3, 2**31 - 1, -(2**31)):
        told = f"count[1] is {bad}", "0 to 2"
        refused(name, *told, tensors=with_lists(name, i32(0, bad), index))


@pytest.mark.parametrize("name", NAMES)
def test_places(name):
    dy = EXAMPLES[name][0][-3]
    m = dy.shape[1] if EXAMPLES[name][1].get("channels") else dy[0].size
    for bad in (-1, m, 2**31 - 1):
        told = f"index[1, 1] is {bad}", f"0 to {m - 1}"
        refused(name, *told, tensors=with_lists(name, i32(0, 2), i32([9, 9], [0, bad])))
    # What stands behind the count may be anything.
    call(name, *with_lists(name, i32(1, 0), i32([m - 1, m], [-9, 2**31 - 1])), **EXAMPLES[name][1])


@pytest.mark.parametrize("name", NAMES)
def test_doubles(name):
    for contract in (Contract(), HEAP):
        tensors = with_lists(name, i32(3), i32([1, 2, 1]))
        refused(name, "index[0] lists 1 twice", tensors=tensors, contract=contract)


@pytest.mark.parametrize("name", NAMES)
def test_lists_ascend_unless_the_contract_says_heap(name):
    tensors = with_lists(name, i32(2), i32([2, 0]))
    refused(name, "index[0, 1] is 0, after 2", "sort", "heap", tensors=tensors)
    call(name, *tensors, **EXAMPLES[name][1], contract=HEAP)


@pytest.mark.parametrize("name", NAMES)
def test_shapes(name):
    dy = EXAMPLES[name][0][-3]
    m = dy.shape[1] if EXAMPLES[name][1].get("channels") else dy[0].size
    long = np.arange(m + 1, dtype=np.int32)[None]
    for count, index, told in (
        (i32(1, 1, 1), i32([0], [0], [0]), "(2,)"),
        (i32(1, 1), i32([0]), "index has shape (1, 1)"),
        (i32(1), i32([0], [0]), "index has shape (2, 1)"),
        (i32([1, 1]), i32([0], [0]), "count has shape (1, 2)"),
        (i32(1), i32(0), "index has shape (1,)"),
        (i32(1), long, f"1 to {m}"),
    ):
        refused(name, told, tensors=with_lists(name, count, index))


@pytest.mark.parametrize("name", CHANNELS)
def test_channels_is_a_flag(name):
    refused(name, "channels is 2", "entries", channels=2)


@pytest.mark.parametrize("name", [n for n in NAMES if "sparse" in n and "bias" not in n])
def test_effort_that_32_bits_do_not_hold(name):
    """Shapes alone decide; nothing of this size is made."""
    row = TABLE[name]
    n, kernel = 1 << 22, (1, 1)
    window = {"kernel": kernel, "size": (16, 16), "stride": (1, 1), "padding": (0, 0, 0, 0)}
    attrs = {a.name: {**window, "channels": 0}[a.name] for a in row.attrs}
    image = () if name.startswith("linear") else (16, 16)
    c = 2 if image else 512
    first = {
        "x": (n, c, *image),
        "w": {"depthwise": (c, 1, 1), "conv2d": (c, c, 1, 1)}.get(name.split("_")[0], (c, c)),
    }[row.inputs[0].name]

    def infer(n):
        shapes = [first, (n, c, *image), (1,), (1, 1)]
        shapes[0] = (n, *first[1:]) if row.inputs[0].name == "x" else first
        return row.infer(shapes, ["f32", "f32", "i32", "i32"], attrs)

    own = name.startswith("depthwise")
    most = (1 << 31) // (256 if own else 512)
    with pytest.raises(ShapeError, match=f"^{name}: effort could reach .* split the batch"):
        infer(most)
    assert infer(most - 1)[1] == (c,)


def test_a_dense_error_names_the_sparse_operation():
    tensors = (ramp(2, 3, 4, 5), DENSE_DY[:, :, 1:], i32(1), i32([0]))
    refused("pointwise_sparse_weight_grad", "must agree in n, h and w", tensors=tensors)
