"""Fusion for lean runs: an activation is computed by the kernel whose output it takes.

    y = conv(x), r = relu(y)          ->  r = conv(x) with RELU; the gradient asks r > 0, not y > 0
    d = input_grad(dy), e = relu_input_grad(x, d)  ->  e = input_grad(dy), kept where x > 0

Both are exact: relu(y) > 0 where y > 0, and relu6(y) < 6 where y < 6. What an operation computes is
not changed, only where it is kept, so checked runs, which show every tensor, are not fused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tinycl.contract import DEFAULT, Contract
from tinycl.fast.choose import choose
from tinycl.fast.micro import MASK, RELU, RELU6
from tinycl.plan import Body, Op, Plan

PRODUCERS = frozenset(
    f"{layer}_forward" for layer in ("conv2d", "depthwise", "pointwise", "linear")
)
GRADIENTS = frozenset(
    f"{layer}_input_grad" for layer in ("conv2d", "depthwise", "pointwise", "linear")
)
FLAGS = {"relu_forward": RELU, "relu6_forward": RELU6}


@dataclass(frozen=True)
class Extra:
    """What a fused kernel does besides its operation: flags, and the tensor behind MASK."""

    flags: int = 0
    gate: str | None = None


@dataclass(frozen=True)
class Fused:
    """A plan with fewer operations, and what the remaining ones do besides."""

    plan: Plan
    extras: Mapping[tuple[str, int], Extra]

    def extra_reads(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """Tensors that a kernel reads although its operation does not."""
        return {k: (e.gate,) for k, e in self.extras.items() if e.gate is not None}


def unfused(plan: Plan) -> Fused:
    """Return the plan as it is."""
    return Fused(plan, {})


def fuse(plan: Plan, contract: Contract = DEFAULT) -> Fused:
    """Return the plan with activations fused into the fast kernels before them."""
    kept = set(plan.outputs) | {n for b in plan.bodies.values() for n in (*b.streams, *b.records)}
    kept |= {n for n, t in plan.tensors.items() if t.given}
    for body in plan.bodies.values():
        others = {
            n for b in plan.bodies.values() if b is not body for op in b.ops for n in op.reads
        }
        kept |= others
    extras: dict[tuple[str, int], Extra] = {}
    bodies = {}
    for body in plan.bodies.values():
        fast = [choose(op, plan, contract) == op.kind for op in body.ops]
        ops, more = _fuse_body(list(body.ops), fast, kept)
        bodies[body.name] = replace(body, ops=tuple(ops))
        extras |= {(body.name, place): extra for place, extra in more.items()}
    used = {n for b in bodies.values() for n in _names(b)} | set(plan.outputs)
    used |= {e.gate for e in extras.values() if e.gate is not None}
    tensors = {n: t for n, t in plan.tensors.items() if n in used or t.given}
    return Fused(Plan(tensors, bodies, plan.schedule, plan.outputs), extras)


def _names(body: Body) -> set[str]:
    return {n for op in body.ops for n in (*op.reads, *op.writes)} | {*body.streams, *body.records}


def _fuse_body(
    ops: list[Op], fast: list[bool], kept: set[str]
) -> tuple[list[Op], dict[int, Extra]]:
    extras: dict[int, Extra] = {}  # by the operation's place in `ops`, before any is left out
    gone: set[int] = set()
    for place, op in enumerate(ops):
        if op.kind not in PRODUCERS | GRADIENTS or not fast[place]:
            continue
        made = op.writes[0]
        users = [i for i, o in enumerate(ops) if made in o.reads and i not in gone]
        writers = [i for i, o in enumerate(ops) if made in o.writes]
        if made in kept or writers != [place] or not users:
            continue
        if op.kind in PRODUCERS:
            _forward(ops, place, made, users, extras, gone)
        elif len(users) == 1 and ops[users[0]].kind == "relu_input_grad":
            gradient = ops[users[0]]
            source, through = gradient.inputs
            if through == made and source != made:
                ops[place] = replace(op, outputs=gradient.outputs)
                extras[place] = Extra(MASK, source)
                gone.add(users[0])
    order = [i for i in range(len(ops)) if i not in gone]
    return [ops[i] for i in order], {order.index(i): e for i, e in extras.items()}


def _forward(
    ops: list[Op], place: int, made: str, users: list[int], extras: dict[int, Extra], gone: set[int]
) -> None:
    activations = [i for i in users if ops[i].kind in FLAGS]
    if len(activations) != 1:
        return
    activation = ops[activations[0]]
    back = activation.kind.replace("forward", "input_grad")
    gradients = [i for i in users if i != activations[0]]
    if any(ops[i].kind != back or ops[i].inputs[0] != made or ops[i].inputs[1] == made
           for i in gradients):  # fmt: skip
        return
    rectified = activation.writes[0]
    if [i for i, o in enumerate(ops) if rectified in o.writes] != activations:
        return
    ops[place] = replace(ops[place], outputs=activation.outputs)
    extras[place] = Extra(FLAGS[activation.kind])
    gone.add(activations[0])
    for i in gradients:
        ops[i] = replace(ops[i], inputs=(rectified, ops[i].inputs[1]))
