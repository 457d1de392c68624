"""The operations of a plan with their direction and their multiply-accumulates."""

from __future__ import annotations

from collections.abc import Iterator

from tinycl.ops import TABLE
from tinycl.plan import Body, Op, Plan
from tinycl.profile.model import Operation
from tinycl.target.result import Result

FORWARD, UPDATE, OTHER = "forward", "update", "other"
WEIGHT, INPUT, BIAS = "weight gradient", "input gradient", "bias gradient"
SELECTION, COPY = "selection", "copy"
DIRECTIONS = (FORWARD, WEIGHT, INPUT, BIAS, SELECTION, COPY, UPDATE, OTHER)
BACKWARD = (WEIGHT, INPUT, BIAS, SELECTION, COPY)
ENDS = {
    "_weight_grad": WEIGHT,
    "_bias_grad": BIAS,
    "_input_grad": INPUT,
    "gate_grad": INPUT,
    "_forward": FORWARD,
    "gate_bits": FORWARD,
}
BYTES = ("int8_", "quantise", "dequantise")

NAMES = {
    **dict.fromkeys(("sgd", "adam", "accumulate", "clear", "moving_average"), UPDATE),
    **dict.fromkeys(("gather", "scatter"), COPY),
    **dict.fromkeys(("mean", "channel_moments", "deviation", "renorm_corrections"), FORWARD),
    **dict.fromkeys(
        (
            "top_k",
            "magnitude_sum",
            "entry_magnitudes",
            "channel_magnitudes",
            "axis_squares",
            "running_max",
            "tinyprop_decide",
            "tinyprop_count",
        ),
        SELECTION,
    ),
}
CHOOSE = "choose"


def direction(kind: str) -> str:
    """Return which of `DIRECTIONS` an operation belongs to, by its name."""
    if kind in NAMES:
        return NAMES[kind]
    if kind.startswith(BYTES):
        return FORWARD
    return next((told for end, told in ENDS.items() if kind.endswith(end)), OTHER)


def bodies(plan: Plan) -> tuple[Body, ...]:
    """Return the bodies that run, but `choose`, in the order in which they first do."""
    names = dict.fromkeys(name for name, times in plan.schedule if times)
    return tuple(plan.bodies[name] for name in names if name != CHOOSE)


def operations(plan: Plan, result: Result) -> tuple[Operation, ...]:
    """Return the operations of a plan's bodies, in order.

    Parameters
    ----------
    plan : Plan
    result : Result
        Of a run of it: what sparse operations counted is among its records or outputs.

    Returns
    -------
    tuple of Operation
    """
    return tuple(
        Operation(
            body.name,
            place,
            op.kind,
            op.writes[0] if op.writes else "",
            direction(op.kind),
            macs(plan, body, op, result),
        )
        for body in bodies(plan)
        for place, op in enumerate(body.ops)
    )


def macs(plan: Plan, body: Body, op: Op, result: Result) -> int:
    """Return the multiply-accumulates of an operation in all executions of its body.

    What it counted itself and the result tells comes first; else it is the cost of the table, which
    is that of a dense gradient. An output tells the count of the last execution only, so it is
    taken where there is one.
    """
    times = plan.body_executions(body.name)
    for name in efforts(op):
        counted = result.records.get(f"{body.name}/{name}")
        if counted is None and times == 1:
            counted = result.outputs.get(name)
        if counted is not None:
            return int(counted.sum(dtype="int64"))
    return plan.op_macs(op) * times


def efforts(op: Op) -> Iterator[str]:
    """Yield the tensor in which an operation counts its multiply-accumulates, if it does."""
    for arg, name in zip(TABLE[op.kind].outputs, op.outputs, strict=True):
        if arg.name == "effort" and name is not None:
            yield name
