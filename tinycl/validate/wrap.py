"""C code that lets kernels with the signatures of ``tinycl.h`` be called as the ABI wants it."""

from __future__ import annotations

from collections.abc import Iterable

from tinycl.validate.table import INTEGERS, KERNELS, Kernel

_FIELDS = {
    "conv2d": "n ci h w co kh kw ho wo stride_h stride_w pad_top pad_left",
    "depthwise": "n c h w kh kw ho wo stride_h stride_w pad_top pad_left",
    "pool": "n c h w kh kw ho wo stride_h stride_w pad_top pad_left",
    "pointwise": "n ci co h w",
    "linear": "n fi fo",
    "softmax": "n classes",
}
_NAMES = {f"tinycl_{name}": name for name in KERNELS if name != "matmul"}
_OTHER = {
    "softmax_cross_entropy_input_grad": "p, target, dz, &own, s->batch",
    "sgd": "w, g, velocity, 0, 1, &own, s->count",
    "top_k": "a, 0, (int32_t *)call->scratch, index, s->rows, s->m, s->k, TINYCL_ASCENDING",
}


def wrapped(names: Iterable[str]) -> list[str]:
    """Return, of the names of functions, those of kernels that can be wrapped."""
    return sorted(name for name in names if name in _NAMES)


def wrapper(names: Iterable[str]) -> str:
    """Return a C file that exports ``validate_X`` for each ``tinycl_X``.

    Parameters
    ----------
    names : iterable of str
        As `wrapped` returns them.
    """
    head = '#include "tinycl.h"\n#include "tinycl_sparse.h"\n#include "tinycl_validate.h"\n'
    return head + "".join(_function(KERNELS[_NAMES[name]]) for name in names)


def _function(kernel: Kernel) -> str:
    tensors = [_parameter(kernel, name) for name in (*kernel.inputs, *kernel.outputs)]
    signature = ", ".join([*tensors, f"const struct validate_{kernel.family} *s"])
    names = ", ".join((*kernel.inputs, *kernel.outputs))
    body = ""
    if kernel.family in _FIELDS:
        fields = ", ".join(f".{f} = s->{f}" for f in _FIELDS[kernel.family].split())
        body = f"    const struct tinycl_{kernel.family}_shape own = {{{fields}}};\n"
    elif kernel.name == "sgd":
        rates = "s->lr, s->momentum, s->weight_decay"
        body = f"    const struct tinycl_sgd_rates own = {{{rates}}};\n"
    arguments = _OTHER.get(
        kernel.name, f"{names}, {'s->count' if kernel.family == 'elements' else '&own'}"
    )
    before = ""
    if kernel.name == "top_k":
        before = (
            f"int64_t {kernel.symbol}_scratch(const struct validate_top_k *s, int32_t cores)\n"
            "{\n    return cores ? 4 * (int64_t)s->rows : 0;\n}\n"
        )
    return (
        f"\n{before}int {kernel.symbol}({signature}, const struct validate_call *call)\n"
        f"{{\n{body}    tinycl_{kernel.name}({arguments}, call->core, call->cores);\n"
        "    return VALIDATE_DONE;\n}\n"
    )


def _parameter(kernel: Kernel, name: str) -> str:
    kind = "int32_t" if name in INTEGERS else "float"
    const = "const " if name in kernel.inputs else ""
    return f"{const}{kind} *{name}"
