"""Average pools whose one window is the whole image: chains side by side, the same bits."""

import pytest

from tests.fast.fields import same, values
from tests.fast.harness import run
from tinycl import ops
from tinycl.contract import DEFAULT

SHAPES = ((1, 1, 1, 1), (2, 9, 7, 5), (3, 8, 4, 4), (1, 17, 1, 3), (2, 5, 8, 8), (1, 33, 2, 2))


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("padding", [(0, 0, 0, 0), (1, 0, 0, 2)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_one_window_is_the_whole_image(shape, padding, special, cores):
    n, c, h, w = shape
    kernel = (h + padding[0] + padding[1], w + padding[2] + padding[3])
    attrs = {"kernel": kernel, "stride": (1, 1), "padding": padding}
    x, dy = values(special, shape, (n, c, 1, 1))
    for contract in (DEFAULT, DEFAULT.but(subnormals="flush")):
        y = ops.avg_pool_forward(x, **attrs, contract=contract)
        same(*run("avg_pool_forward", "avg_pool_forward", (x,), attrs, contract, cores), y, "y")
        back = {"size": (h, w), **attrs}
        dx = ops.avg_pool_input_grad(dy, **back, contract=contract)
        name = "avg_pool_input_grad"
        same(*run(name, name, (dy,), back, contract, cores), dx, "dx")
