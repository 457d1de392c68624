"""A plan as canonical JSON text, and back. Equal plans have equal text."""

from __future__ import annotations

import json
from typing import Any

from tinycl.errors import PlanError
from tinycl.ops import TABLE
from tinycl.plan.plan import Body, Op, Plan, Run, Tensor

VERSION = 1


def to_json(plan: Plan) -> str:
    """Write a plan; keys are in a fixed order, a float32 attribute is its shortest decimal."""
    document = {
        "tinycl_plan": VERSION,
        "tensors": [
            {"name": t.name, "dtype": t.dtype, "shape": list(t.shape), "role": t.role}
            for t in plan.tensors.values()
        ],
        "bodies": [
            {
                "name": b.name,
                "streams": list(b.streams),
                "records": list(b.records),
                "ops": [
                    {
                        "kind": op.kind,
                        "inputs": list(op.inputs),
                        "outputs": list(op.outputs),
                        "attrs": TABLE[op.kind].attributes(op.attrs),
                    }
                    for op in b.ops
                ],
            }
            for b in plan.bodies.values()
        ],
        "schedule": [list(run) for run in plan.schedule],
        "outputs": list(plan.outputs),
    }
    return json.dumps(document, separators=(",", ":"), allow_nan=True)


def from_json(text: str) -> Plan:
    """Read what `to_json` wrote.

    Raises
    ------
    PlanError
        Text that is not JSON, not a plan, of another version, or a plan that makes no sense.
    """
    try:
        document: dict[str, Any] = json.loads(text)
        version = document["tinycl_plan"]
        if version != VERSION:
            raise PlanError(f"plan: version {version!r} cannot be read; this is version {VERSION}")
        tensors = [
            Tensor(t["name"], tuple(t["shape"]), t["dtype"], t["role"]) for t in document["tensors"]
        ]
        bodies = [
            Body(
                b["name"],
                tuple(
                    Op(o["kind"], tuple(o["inputs"]), tuple(o["outputs"]), _attrs(o["attrs"]))
                    for o in b["ops"]
                ),
                tuple(b["streams"]),
                tuple(b["records"]),
            )
            for b in document["bodies"]
        ]
        return Plan(
            {t.name: t for t in tensors},
            {b.name: b for b in bodies},
            tuple(Run(*run) for run in document["schedule"]),
            tuple(document["outputs"]),
        )
    except PlanError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PlanError(
            f"plan: the text is not a plan ({type(error).__name__}: {error})"
        ) from error


def _attrs(attrs: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in attrs.items()}
