"""N steps, then N more from what they left, are 2N steps: the policies' states included."""

import numpy as np
import pytest

from tests.sparse.nets import NETS, POLICIES, work
from tinycl import bits


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("kind", NETS)
def test_resuming_changes_nothing(kind, name):
    job = work(kind, POLICIES[name])
    whole, half = job.run(10), job.run(5)
    rest = job.run(5, first=5, values=half.outputs, choose=False)
    assert whole.outputs.keys() == rest.outputs.keys()
    assert [n for n in whole.outputs if not bits.equal(whole.outputs[n], rest.outputs[n])] == []
    for key, value in whole.records.items():
        assert bits.equal(np.concatenate([half.records[key], rest.records[key]]), value), key


def test_the_state_matters():
    """Forgetting Y_max changes the run: the test above could fail."""
    job = work("perceptron", POLICIES["tinyprop"])
    whole, half = job.run(10), dict(job.run(5).outputs)
    half["linear0.y_max"] = np.zeros(1, np.float32)
    rest = job.run(5, first=5, values=half, choose=False)
    assert not bits.equal(whole.outputs["linear0.weight"], rest.outputs["linear0.weight"])
