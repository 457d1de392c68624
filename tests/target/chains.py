"""Chains of sparse operations: select, then take gradients from what was selected."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinycl import bits
from tinycl.bits import equal
from tinycl.contract import DEFAULT
from tinycl.ops import TABLE
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.target.c_target import CTarget
from tinycl.target.numpy_target import NumpyTarget
from tinycl.testing.strategies import arrays, conv2d_layers, depthwise_layers, hard_float32

from runs import Work  # isort: skip

ORDERS = ("ascending", "heap")
DTYPES = {kind: name for name, kind in bits.DTYPES.items()}


class Chain:
    """A plan of one body that grows operation by operation.

    `inputs` are streamed, (steps, *shape), but for those named in `states`.
    """

    def __init__(self, inputs: dict[str, np.ndarray], states: tuple[str, ...] = ()) -> None:
        self.inputs: dict[str, np.ndarray] = {}
        self.states, self.tensors, self.ops = states, dict[str, Tensor](), list[Op]()
        for name, value in inputs.items():
            self.enter(name, value)

    def enter(self, name: str, value: np.ndarray) -> None:
        """Add an input or state."""
        state = name in self.states
        shape, dtype = value.shape if state else value.shape[1:], DTYPES[value.dtype.type]
        self.tensors[name] = Tensor(name, shape, dtype, "state" if state else "input")
        self.inputs[name] = value

    def add(self, kind: str, inputs: str, outputs: str, **attrs: Any) -> None:
        """Append an operation; names are separated by spaces, - leaves an input out."""
        row = TABLE[kind]
        given = tuple(None if n == "-" else n for n in inputs.split())
        of = [None if n is None else self.tensors[n] for n in given]
        shapes = row.infer(
            [t and t.shape for t in of],
            [t and t.dtype for t in of],
            attrs,  # type: ignore[misc]
        )
        names = tuple(None if n == "-" else n for n in outputs.split())
        for name, shape, arg in zip(names, shapes, row.outputs, strict=True):
            if name is not None and name not in self.tensors:
                self.tensors[name] = Tensor(name, shape, arg.dtype)
        self.ops.append(Op(kind, given, names, row.attributes(attrs)))

    def work(self) -> Work:
        """Return plan and inputs; what is no state is streamed."""
        streams = tuple(n for n in self.inputs if n not in self.states)
        steps = len(self.inputs[streams[0]])
        body = Body("all", tuple(self.ops), streams, ())
        outputs = tuple(n for n in self.tensors if n not in streams)
        return Plan(self.tensors, {"all": body}, (Run("all", steps),), outputs), self.inputs


def different(target: CTarget, work: Work, order: str, **options: Any) -> list[str]:
    """Return the tensors that differ from the specification's."""
    contract = target.spoken(DEFAULT.but(selection_order=order))
    checked = options.get("checked", True)
    got = target.run(*work, contract=contract, timeout=60, **options).tensors()
    wanted = NumpyTarget().run(*work, contract=contract, checked=checked).tensors()
    assert list(got) == list(wanted)
    return [name for name in got if not equal(got[name], wanted[name])]


Shapes = dict[str, tuple[int, ...]]
Attrs = dict[str, Any]


def layer(draw: st.DrawFn) -> tuple[str, Shapes, Attrs, Attrs]:
    """Draw a kind, the shapes of x, w and dy, and what the weight and input gradients take."""
    kind = draw(st.sampled_from(("conv2d", "depthwise", "pointwise", "linear")))
    depthwise = kind == "depthwise"
    s = draw(depthwise_layers(3, 3, 4) if depthwise else conv2d_layers(3, 3, 4))
    if kind == "linear":
        fi, fo = s.ci * 4, s.co * 5
        return kind, {"x": (s.n, fi), "w": (fo, fi), "dy": (s.n, fo)}, {}, {}
    x = (s.n, s.ci, *s.size)
    if kind == "pointwise":
        return kind, {"x": x, "w": (s.co, s.ci), "dy": (s.n, s.co, *s.size)}, {}, {}
    w = (s.ci, *s.kernel) if depthwise else (s.co, s.ci, *s.kernel)
    window = {"stride": s.stride, "padding": s.padding}
    shapes = {"x": x, "w": w, "dy": (s.n, s.co, *s.out)}
    return kind, shapes, {"kernel": s.kernel, **window}, {"size": s.size, **window}


# What zeros that take part as terms turn into something else, or are turned into: 0 * Inf is NaN,
# and -0, which a tiny negative product rounds to, + 0 is +0.
TELLING = (np.inf, -np.inf, np.nan, -0.0, 1e-45, -1e-45, 3e38)


def telling(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    """Draw a tensor of one step, with a telling value in it half of the time."""
    value = draw(arrays((1, *shape)))
    if draw(st.booleans()):
        value.flat[draw(st.integers(0, value.size - 1))] = draw(st.sampled_from(TELLING))
    return value


@st.composite
def gradients(draw: st.DrawFn) -> Work:
    """Select entries or channels, of each sample or for all; take every gradient of one layer."""
    kind, shapes, weight, back = layer(draw)
    chain = Chain({name: telling(draw, shape) for name, shape in shapes.items()})
    n, c, *positions = shapes["dy"]
    channels = 0 if kind == "linear" else draw(st.integers(0, 1))
    m = c if channels else c * int(np.prod(positions))
    measured, rows = "dy", n
    if channels:
        chain.add("channel_magnitudes", "dy", "a")
        measured = "a"
    if draw(st.booleans()):
        chain.add("entry_magnitudes", measured, "shared")
        measured, rows = "shared", 1
    wanted = draw(st.sampled_from(("wanted", "-")))
    if wanted != "-":
        each = st.lists(st.integers(0, m + 1), min_size=rows, max_size=rows)
        chain.enter(wanted, np.array([draw(each)], np.int32))
    k = draw(st.one_of(st.sampled_from((0, 1, m - 1, m)), st.integers(0, m)))
    chain.add("top_k", f"{measured} {wanted}", "count index", k=k)
    of = {} if kind == "linear" else {"channels": channels}
    chain.add(f"{kind}_sparse_weight_grad", "x dy count index", "dw dw_effort", **weight, **of)
    chain.add(f"{kind}_sparse_input_grad", "w dy count index", "dx dx_effort", **back, **of)
    chain.add("sparse_bias_grad", "dy count index", "db", channels=channels)
    return chain.work()


@st.composite
def tinyprop(draw: st.DrawFn) -> Work:
    """Three steps of TinyPropv2 on one linear layer; hard gradients, state, skipped samples."""
    n, fi, fo = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 9))
    steps = 3
    chain = Chain(
        {
            "x": draw(arrays((steps, n, fi))),
            "dy": draw(arrays((steps, n, fo))),
            "w": draw(arrays((fo, fi))),
            "v": draw(arrays((fo, fi))),
            "b": draw(arrays((fo,))),
            "y_max": np.zeros(1, np.float32),
            "y_top": np.zeros(1, np.float32),
        },
        ("w", "v", "b", "y_max", "y_top"),
    )
    share = st.one_of(st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0)), hard_float32(finite=True))
    flag = st.integers(0, 1)
    chain.add("magnitude_sum", "dy", "y")
    chain.add(
        "tinyprop_decide",
        "y y_top",
        "trained measure top y_top",
        **{a: draw(share) for a in ("d_min", "d_max", "factor", "threshold")},
        remember=draw(flag),
    )
    chain.add("running_max", "y y_max", "peak y_max")
    chain.add(
        "tinyprop_count",
        f"y peak {draw(st.sampled_from(('trained', '-')))}",
        "wanted ratio",
        entries=draw(st.sampled_from((fo, fo, 1, 2**24 + 1, 2**31 - 1))),
        **{a: draw(share) for a in ("s_min", "s_max", "zeta")},
        half_even=draw(flag),
    )
    chain.add("top_k", "dy wanted", "count index", k=draw(st.integers(0, fo)))
    chain.add("linear_sparse_weight_grad", "x dy count index", "dw dw_effort")
    chain.add("linear_sparse_input_grad", "w dy count index", "dx dx_effort")
    chain.add("sampled_bias_grad", "dy trained", "db")
    rates = {"lr": 0.1, "weight_decay": 0.01}
    chain.add("sgd", "w dw v trained", "w v", **rates, momentum=0.9)
    chain.add("sgd", "b db - trained", "b -", **rates, momentum=0.0)
    return chain.work()
