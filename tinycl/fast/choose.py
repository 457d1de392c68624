"""Which kernel computes an operation under a contract."""

from __future__ import annotations

from tinycl.contract import Contract
from tinycl.plan import Op, Plan

SUMS = frozenset(
    f"{layer}_{direction}"
    for layer in ("conv2d", "depthwise", "pointwise", "linear")
    for direction in ("forward", "weight_grad", "bias_grad", "input_grad")
    if (layer, direction) not in (("depthwise", "bias_grad"), ("pointwise", "bias_grad"))
)


SPARSE = frozenset(
    ("sparse_bias_grad", "sampled_bias_grad")
    + tuple(
        f"{layer}_sparse_{direction}_grad"
        for layer in ("conv2d", "depthwise", "pointwise", "linear")
        for direction in ("weight", "input")
    )
)


def choose(op: Op, plan: Plan, contract: Contract) -> str:
    """Return the name of the kernel: the operation's own, or the plain loop's.

    The fast kernels walk one accumulator from +0.0 or the bias through all terms; a field that
    changes nothing for this operation's shapes does not matter. Those of sparse gradients walk the
    lists as they are, whatever the `selection_order`.
    """
    heap = contract.selection_order == "heap" and op.kind != "sampled_bias_grad"
    if op.kind == "top_k":
        return "heap_top_k" if heap else "top_k"
    if op.kind in SPARSE and not _is_simple_sparse(op, plan, contract):
        return f"plain_heap_{op.kind}" if heap else f"plain_{op.kind}"
    if op.kind not in SUMS or _is_simple(op, plan, contract):
        return op.kind
    return f"plain_{op.kind}"


def _is_chain(contract: Contract) -> bool:
    """Whether each sum is one accumulator from +0.0 by an operator that vectors have."""
    if contract.mac == "fma_via_double" or contract.subnormals == "flush":
        return False
    return contract.reduction.kind == "sequential" and contract.start == "zero"


def _is_simple_sparse(op: Op, plan: Plan, contract: Contract) -> bool:
    if not _is_chain(contract):
        return False
    if op.kind.endswith("input_grad"):
        turned = contract.input_grad_taps == "by_weight" and contract.selection_order == "heap"
        return not turned or _one_by_one(op, plan)
    if contract.batch == "per_sample":
        return False
    return not (any(op.attrs.get("padding", (0,))) and contract.padding == "skip")


def _is_simple(op: Op, plan: Plan, contract: Contract) -> bool:
    if not _is_chain(contract):
        return False
    padded = any(op.attrs.get("padding", (0,)))
    direction = op.kind.partition("_")[2]
    if direction in ("weight_grad", "bias_grad"):
        if contract.batch == "per_sample":
            return False
        return not (padded and contract.padding == "skip")
    if direction == "input_grad":
        whole = _one_by_one(op, plan) or op.kind in ("linear_input_grad", "pointwise_input_grad")
        return whole or contract.padding == "multiply"
    ordered = contract.taps == "channel_major" or op.kind != "conv2d_forward"
    return ordered and not (padded and contract.padding == "skip")


def _one_by_one(op: Op, plan: Plan) -> bool:
    """Whether a convolution has a 1x1 kernel, stride 1 and no padding."""
    if "stride" not in op.attrs:
        return True
    kernel = plan.tensors[op.inputs[0] or ""].shape[-2:]
    return kernel == (1, 1) and op.attrs["stride"] == (1, 1) and not any(op.attrs["padding"])
