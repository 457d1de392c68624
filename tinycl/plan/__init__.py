"""Plans: operations, tensors, lifetimes, reading and writing."""

from tinycl.plan.inputs import check_inputs
from tinycl.plan.memory import Layout, layout, lifetimes
from tinycl.plan.plan import Body, Op, Plan, Run, Tensor
from tinycl.plan.text import from_json, to_json

__all__ = [
    "Body",
    "Layout",
    "Op",
    "Plan",
    "Run",
    "Tensor",
    "check_inputs",
    "from_json",
    "layout",
    "lifetimes",
    "to_json",
]
