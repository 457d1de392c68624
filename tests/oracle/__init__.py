"""The contract stated a second time: scalar, exact, slow, written from CONTRACT.md alone.

A number is a Python float that holds a binary32 value; what lies between two roundings is a
Fraction. A tensor comes in and leaves as a NumPy array; nothing else of NumPy is used. Nothing of
`tinycl.num` or `tinycl.ops` is imported.

`OPERATIONS` maps the name of an operation to its function `(tensors, attributes, contract)`, which
returns a tuple with one entry an output, None where an optional output is left out.
"""

from tests.oracle import (
    activations,
    chance,
    convolution,
    dense,
    dropout,
    elementwise,
    integers,
    losses,
    normalisation,
    optimisers,
    pooling,
    selection,
    survivors,
)
from tests.oracle.arithmetic import Operators
from tests.oracle.reduction import reduce

OPERATIONS = {
    **activations.OPERATIONS,
    **chance.OPERATIONS,
    **convolution.OPERATIONS,
    **dense.OPERATIONS,
    **dropout.OPERATIONS,
    **elementwise.OPERATIONS,
    **integers.OPERATIONS,
    **losses.OPERATIONS,
    **normalisation.OPERATIONS,
    **optimisers.OPERATIONS,
    **pooling.OPERATIONS,
    **selection.OPERATIONS,
    **survivors.OPERATIONS,
}

__all__ = ["OPERATIONS", "Operators", "reduce"]
