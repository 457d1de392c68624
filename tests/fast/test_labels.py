"""Labels that a plan computes itself and that are no class: NaN on the engine and in C."""

import numpy as np
import pytest

import tinycl
from tinycl import nn
from tinycl.errors import TinyclError


def test_a_target_that_is_no_class_has_no_loss():
    b = nn.Builder()
    drawn = b.tensor("drawn", (6,), "i32", role="input")
    z = b.tensor("z", (4, 2), role="input")
    labels = b.emit("class_counts", (drawn,), ("labels",), classes=4)
    b.emit("softmax_cross_entropy_forward", (z, labels), ("p", "loss"))
    b.close("go")
    plan = b.plan([("go", 1)], ("loss", "p"))
    rng = np.random.default_rng(1)
    inputs = {
        "drawn": np.array([0, 0, 0, 2, 3, 3], np.int32),
        "z": rng.standard_normal((4, 2), np.float32),
    }
    with pytest.raises(TinyclError, match="target"):
        tinycl.run(plan, inputs, target="numpy")
    for target in ("numba", "host"):
        loss = tinycl.run(plan, inputs, target=target).outputs["loss"]
        assert np.isnan(loss).tolist() == [True, False, False, True], target
