"""The memory layout of a tensor never shows, and no operation writes into its inputs."""

import numpy as np
import pytest

from tests.ops.examples import EXAMPLES, call, outputs
from tinycl import bits
from tinycl.ops import TABLE


def reversed_view(t):
    backwards = (slice(None, None, -1),) * t.ndim
    return t[backwards].copy()[backwards]


def strided(t):
    wide = np.full((*t.shape[:-1], t.shape[-1] * 2), 99, t.dtype)
    wide[..., ::2] = t
    return wide[..., ::2]


def fortran(t):
    return np.asfortranarray(t)


def unaligned(t):
    view = np.zeros(t.nbytes + 1, np.uint8)[1:].view(t.dtype).reshape(t.shape)
    view[...] = t
    return view


def read_only(t):
    t = t.copy()
    t.flags.writeable = False
    return t


@pytest.mark.parametrize("layout", [reversed_view, strided, fortran, unaligned, read_only])
@pytest.mark.parametrize("name", sorted(TABLE))
def test_same_result_and_inputs_untouched(name, layout):
    tensors, attrs = EXAMPLES[name]
    expected = outputs(call(name, *tensors, **attrs))
    given = [layout(t) for t in tensors]
    got = outputs(call(name, *given, **attrs))
    assert all(bits.equal(*pair) for pair in zip(got, expected, strict=True))
    assert all(bits.equal(*pair) for pair in zip(given, tensors, strict=True))


@pytest.mark.parametrize("name", sorted(TABLE))
def test_outputs_are_new_memory(name):
    """Writing into a result changes no input, and every result can be written."""
    tensors, attrs = EXAMPLES[name]
    for made in outputs(call(name, *tensors, **attrs)):
        assert made.flags.writeable
        assert not any(np.shares_memory(made, t) for t in tensors)


def test_optional_outputs_are_left_out():
    """Without a velocity there is none in the result."""
    w, velocity = call("sgd", *EXAMPLES["sgd"][0][:2], lr=0.5)
    assert w.dtype == np.float32
    assert velocity is None
