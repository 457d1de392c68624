"""Wrong tensors: the error names the operation, what was given, and what is allowed."""

import numpy as np
import pytest

from tests.ops.examples import EXAMPLES, call, error, outputs, ramp, refused, replaced
from tinycl.bits import DTYPES
from tinycl.errors import ShapeError
from tinycl.ops import TABLE

NAMES = sorted(TABLE)
KINDS = {kind: name for name, kind in DTYPES.items()}
INPUTS = [(name, i, arg) for name in NAMES for i, arg in enumerate(TABLE[name].inputs)]


@pytest.fixture(params=INPUTS, ids=lambda p: f"{p[0]}-{p[2].name}")
def place(request):
    """One input of one operation: name, position, argument."""
    return request.param


def test_examples_are_valid_and_complete():
    assert sorted(EXAMPLES) == NAMES
    for name, (tensors, attrs) in EXAMPLES.items():
        shapes = [t.shape for t in tensors]
        dtypes = [KINDS[t.dtype.type] for t in tensors]
        made = outputs(call(name, *tensors, **attrs))
        assert tuple(m.shape for m in made) == TABLE[name].infer(shapes, dtypes, attrs)


def test_other_dtypes(place):
    name, i, arg = place
    other = "f4" if arg.dtype == "i32" else "i4"
    for dtype in (other, "f8", "f2", "i8", "u4", "bool", "complex64", "O", ">f4", ">i4"):
        wrong = np.zeros(EXAMPLES[name][0][i].shape, dtype)
        refused(name, arg.name, arg.dtype, tensors=replaced(name, i, wrong))


def test_other_things_than_arrays(place):
    name, i, arg = place
    for wrong in ([1.0, 2.0], 1.0, "tensor", np.float32(1), object()):
        told = f"{arg.name} must be a NumPy array", type(wrong).__name__
        refused(name, *told, tensors=replaced(name, i, wrong))


def test_missing_tensors(place):
    name, i, arg = place
    tensors, attrs = EXAMPLES[name]
    if arg.optional:
        attrs = {**attrs, "momentum": 0.0} if name == "sgd" else attrs
        call(name, *replaced(name, i, None), **attrs)
        return
    refused(name, arg.name, tensors=replaced(name, i, None))
    refused(name, arg.name, tensors=tensors[:i])


@pytest.mark.parametrize("name", NAMES)
def test_too_many_tensors(name):
    tensors = EXAMPLES[name][0]
    refused(name, f"takes {len(TABLE[name].inputs)}", tensors=(*tensors, ramp(2), ramp(2)))


def test_empty_axes(place):
    name, i, arg = place
    shape = EXAMPLES[name][0][i].shape
    for axis in range(len(shape)):
        empty = np.zeros((*shape[:axis], 0, *shape[axis + 1 :]), EXAMPLES[name][0][i].dtype)
        refused(name, arg.name, "empty axis", str(empty.shape), tensors=replaced(name, i, empty))


# Axes that may grow while the other tensors of the example stay as they are.
FREE = {
    ("conv2d_forward", "x"): (0, 2, 3),
    ("conv2d_forward", "w"): (2, 3),
    ("conv2d_weight_grad", "x"): (1, 3),  # with stride 2 a width of 6 gives 3 columns, as 5 does
    ("conv2d_weight_grad", "dy"): (1,),
    ("conv2d_input_grad", "w"): (1,),
    ("conv2d_input_grad", "dy"): (0,),
    ("depthwise_forward", "x"): (0, 2, 3),
    ("depthwise_forward", "w"): (1, 2),
    ("depthwise_weight_grad", "x"): (3,),
    ("depthwise_input_grad", "dy"): (0,),
    ("pointwise_forward", "x"): (0, 2, 3),
    ("pointwise_weight_grad", "x"): (1,),
    ("pointwise_weight_grad", "dy"): (1,),
    ("pointwise_input_grad", "w"): (1,),
    ("pointwise_input_grad", "dy"): (0, 2, 3),
    ("linear_forward", "x"): (0,),
    ("linear_weight_grad", "x"): (1,),
    ("linear_weight_grad", "dy"): (1,),
    ("linear_input_grad", "w"): (1,),
    ("linear_input_grad", "dy"): (0,),
    ("softmax_cross_entropy_forward", "z"): (1,),
    ("softmax_cross_entropy_input_grad", "p"): (1,),
    ("flatten_input_grad", "dy"): (0,),
    ("avg_pool_input_grad", "dy"): (0, 1),
    ("conv2d_sparse_weight_grad", "x"): (1, 3),
    ("conv2d_sparse_weight_grad", "dy"): (1,),
    ("conv2d_sparse_input_grad", "w"): (1,),
    ("depthwise_sparse_weight_grad", "x"): (3,),
    ("pointwise_sparse_weight_grad", "x"): (1,),
    ("pointwise_sparse_weight_grad", "dy"): (1,),
    ("pointwise_sparse_input_grad", "w"): (1,),
    ("pointwise_sparse_input_grad", "dy"): (0, 2, 3),  # all samples share a list
    ("linear_sparse_weight_grad", "x"): (1,),
    ("linear_sparse_weight_grad", "dy"): (1,),
    ("linear_sparse_input_grad", "w"): (1,),
    ("sparse_bias_grad", "dy"): (1, 2, 3),
    ("sampled_bias_grad", "dy"): (1, 2, 3),
    ("running_max", "y"): (0,),
    ("tinyprop_decide", "y"): (0,),
    ("top_k", "a"): (1, 2, 3),
    ("gather", "x"): (0, 1, 2, 3),
    ("gather", "index"): (1,),
    ("scatter", "x"): (2,),
    ("quantise", "x"): (0, 1, 2, 3),
    ("dequantise", "q"): (0, 1, 2, 3),
    ("int8_conv2d", "x"): (0, 2, 3),
    ("int8_conv2d", "w"): (2, 3),
    ("int8_depthwise", "x"): (0, 2, 3),
    ("int8_depthwise", "w"): (1, 2),
    ("int8_pointwise", "x"): (0, 2, 3),
    ("normalise_input_grad", "dy"): (0, 2, 3),
    ("normalise_forward", "x"): (0, 2, 3),
    ("fold_norm", "weight"): (1, 2, 3),
    ("channel_scale_forward", "x"): (2, 3),
    ("channel_scale_input_grad", "dy"): (2, 3),
    ("dropout_forward", "x"): (0, 1),
    ("sgd", "trained"): (0,),
    ("adam", "trained"): (0,),
}
# A list of survivors may have room for more.
FREE |= {(name, "index"): (1,) for name in NAMES if "sparse" in name}
# Whether an axis more, and one less, is as good.
OTHER_RANKS = {
    ("axis_squares", "w"): (False, True),
    ("magnitude_sum", "a"): (True, True),
    ("entry_magnitudes", "dy"): (True, True),
    ("gather", "x"): (False, True),
    ("quantise", "x"): (True, True),
    ("dequantise", "q"): (True, True),
    ("gate_grad", "dy"): (True, False),
    ("dropout_forward", "x"): (True, True),
}


def test_other_sizes(place):
    """An axis that grows is refused, unless nothing else depends on it."""
    name, i, arg = place
    tensor = EXAMPLES[name][0][i]
    alone = len(TABLE[name].inputs) == 1 and arg.name != "turn"
    free = FREE.get((name, arg.name), range(tensor.ndim) if alone else ())
    for axis in range(tensor.ndim):
        longer = np.concatenate([tensor, tensor.take([-1], axis)], axis)
        tensors = replaced(name, i, longer)
        if axis in free:
            call(name, *tensors, **EXAMPLES[name][1])
        else:
            error(name, tensors=tensors)


def test_other_ranks(place):
    """An axis more or less is refused, unless the operation takes any rank."""
    name, i, arg = place
    tensor = EXAMPLES[name][0][i]
    any_rank = len(TABLE[name].inputs) == 1 and arg.axes == "i"
    good = OTHER_RANKS.get((name, arg.name), (any_rank, any_rank))
    for other, taken in zip((tensor[None], np.asarray(tensor[0])), good, strict=True):
        tensors = replaced(name, i, other)
        if taken:
            call(name, *tensors, **EXAMPLES[name][1])
        else:
            error(name, tensors=tensors)


def test_errors_of_shape_name_their_operation():
    """The name that the caller knows comes first, not that of a family or of another direction."""
    wrong = []
    for name, i, arg in INPUTS:
        tensor = EXAMPLES[name][0][i]
        more, _ = OTHER_RANKS.get((name, arg.name), (len(TABLE[name].inputs) == 1, None))
        if not more:
            message = error(name, tensors=replaced(name, i, tensor[None]))
            wrong += [] if message.startswith(f"{name}: ") else [f"{name} says {message!r}"]
    assert not wrong, "\n".join(wrong)


def test_mean_squared_error_needs_samples():
    scalar = np.ones((), np.float32)
    for name in ("mean_squared_error_forward", "mean_squared_error_input_grad"):
        assert "axis" in error(name, tensors=(scalar, scalar))


@pytest.mark.parametrize("contract", ["mac=fma", None, 3])
def test_contracts_of_another_kind(contract):
    """A contract is a `Contract`; its text is not."""
    for name in NAMES:
        tensors, attrs = EXAMPLES[name]
        with pytest.raises((ShapeError, TypeError, ValueError), match="contract"):
            call(name, *tensors, **attrs, contract=contract)
