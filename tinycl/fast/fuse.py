"""Fusion for lean runs: an activation is computed by the kernel whose output it takes.

    y = conv(x), r = relu(y)          ->  r = conv(x) with RELU; the gradient asks r > 0, not y > 0
    d = input_grad(dy), e = relu_input_grad(x, d)  ->  e = input_grad(dy), kept where x > 0
    dw = weight_grad(x, dy), w, v = sgd(w, dw, v)  ->  w, v = weight_grad(x, dy) with SGD
    dw = depthwise_weight_grad(x, dy), db = bias_grad(dy)  ->  dw, db = depthwise_weight_grad(x, dy)

All are exact: relu(y) > 0 where y > 0, and relu6(y) < 6 where y < 6. What an operation computes is
not changed, only where it is kept, so checked runs, which show every tensor, are not fused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tinycl.contract import DEFAULT, Contract
from tinycl.fast.by_sample import Group, find_groups
from tinycl.fast.choose import choose
from tinycl.fast.extra import NOTHING, Extra
from tinycl.fast.micro import MASK, RELU, RELU6, SGD
from tinycl.fast.updates import PRODUCTS, find_updates, update_of
from tinycl.plan import Body, Layout, Op, Plan, layout

PRODUCERS = frozenset(
    f"{layer}_forward" for layer in ("conv2d", "depthwise", "pointwise", "linear")
)
GRADIENTS = frozenset(
    f"{layer}_input_grad" for layer in ("conv2d", "depthwise", "pointwise", "linear")
)
FLAGS = {"relu_forward": RELU, "relu6_forward": RELU6}


@dataclass(frozen=True)
class Fused:
    """A plan with fewer operations, and what the remaining ones do besides.

    Those of a group of a body go sample by sample.
    """

    plan: Plan
    extras: Mapping[tuple[str, int], Extra]
    groups: Mapping[str, Sequence[Group]] = field(default_factory=dict)

    def extra_reads(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """Tensors that a kernel reads although its operation does not."""
        return {k: (e.gate,) for k, e in self.extras.items() if e.gate is not None}

    def brief(self) -> set[str]:
        """Tensors that are kept for one sample at a time."""
        return {n for groups in self.groups.values() for group in groups for n in group.brief}

    def place(self, checked: bool) -> Layout:
        """Return where each tensor lives."""
        spans = {b: [(g.begin, g.end) for g in groups] for b, groups in self.groups.items()}
        return layout(self.plan, checked, self.extra_reads(), spans, brief=self.brief())


def unfused(plan: Plan) -> Fused:
    """Return the plan as it is."""
    return Fused(plan, {})


def fuse(plan: Plan, contract: Contract = DEFAULT, cores: int = 1) -> Fused:
    """Return the plan with activations fused into the fast kernels before them, and updates."""
    kept = set(plan.outputs) | {n for b in plan.bodies.values() for n in (*b.streams, *b.records)}
    kept |= {n for n, t in plan.tensors.items() if t.given}
    for body in plan.bodies.values():
        others = {
            n for b in plan.bodies.values() if b is not body for op in b.ops for n in op.reads
        }
        kept |= others
    extras: dict[tuple[str, int], Extra] = {}
    bodies, groups = {}, {}
    exact = contract.mac == "fma" and contract.subnormals == "keep"
    for body in plan.bodies.values():
        fast = [choose(op, plan, contract) == op.kind for op in body.ops]
        pairs = _fuse_body(list(body.ops), fast, kept)
        if exact:
            pairs = _take_updates(pairs, plan, contract, kept)
        own = [choose(op, plan, contract) == op.kind for op, _ in pairs]
        pairs = _take_biases(pairs, own)
        seen = kept | {n for b in plan.bodies.values() if b is not body for n in _names(b)}
        groups[body.name] = find_groups(pairs, plan.tensors, cores, own, seen)
        bodies[body.name] = replace(body, ops=tuple(op for op, _ in pairs))
        extras |= {(body.name, i): extra for i, (_, extra) in enumerate(pairs) if extra != NOTHING}
    used = {n for b in bodies.values() for n in _names(b)} | set(plan.outputs)
    used |= {e.gate for e in extras.values() if e.gate is not None}
    tensors = {n: t for n, t in plan.tensors.items() if n in used or t.given}
    return Fused(Plan(tensors, bodies, plan.schedule, plan.outputs), extras, groups)


def _names(body: Body) -> set[str]:
    return {n for op in body.ops for n in (*op.reads, *op.writes)} | {*body.streams, *body.records}


def _take_updates(
    pairs: list[tuple[Op, Extra]], plan: Plan, contract: Contract, kept: set[str]
) -> list[tuple[Op, Extra]]:
    """Let weight gradients do what SGD would do with them."""
    hidden = {*plan.streamed, *(extra.gate for _, extra in pairs)}
    lasting = {n for n, t in plan.tensors.items() if t.given and n not in hidden}
    ops = [op for op, _ in pairs]
    products = {i for i, op in enumerate(ops)
                if op.kind in PRODUCTS and choose(op, plan, contract) == op.kind}  # fmt: skip
    pairs = list(pairs)
    order = {i: (i, 0) for i in range(len(pairs))}
    for place, target, last in find_updates(ops, products, kept, lasting):
        pairs[place] = (ops[place], Extra(SGD, update=update_of(ops[last])))
        order[place] = (target, 1)
        del order[last]
    return [pairs[i] for i in sorted(order, key=order.__getitem__)]


def _take_biases(pairs: list[tuple[Op, Extra]], fast: list[bool]) -> list[tuple[Op, Extra]]:
    """Let a depthwise weight gradient compute the bias gradient that stands beside it.

    The bias gradient, of which nothing is left to do, goes first: its output is then known to the
    memory before the inputs of the other are gone.
    """
    pairs = list(pairs)
    for i in range(len(pairs) - 1):
        both = pairs[i : i + 2]
        both.sort(key=lambda pair: pair[0].kind)
        (bias, before), (weight, extra) = both
        if (
            (bias.kind, weight.kind) == ("conv2d_bias_grad", "depthwise_weight_grad")
            and (before, extra) == (NOTHING, NOTHING)
            and fast[i] and fast[i + 1]
            and bias.reads == weight.inputs[1:]
            and not {*bias.writes} & {*weight.reads, *weight.writes}
            and not {*weight.writes} & {*bias.reads}
        ):  # fmt: skip
            pairs[i] = (bias, Extra(done=True))
            pairs[i + 1] = (weight, Extra(bias=bias.writes[0]))
    return pairs


def _fuse_body(ops: list[Op], fast: list[bool], kept: set[str]) -> list[tuple[Op, Extra]]:
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
    return [(op, extras.get(i, NOTHING)) for i, op in enumerate(ops) if i not in gone]


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
