"""The builder: layers emit operations into it, and it becomes a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tinycl.bits import DTYPES, Array
from tinycl.errors import PlanError
from tinycl.ops import TABLE
from tinycl.plan import Body, Op, Plan, Run, Tensor

Shape = tuple[int, ...]
Subset = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Parameter:
    """A weight: its tensor, and where it begins.

    Attributes
    ----------
    tensor : str
    fan_in : int
        The number of terms that its layer sums, which bounds values that are drawn.
    first : float, optional
        The value that all of it begins with; nothing is drawn.
    """

    tensor: str
    fan_in: int
    first: float | None = None


@dataclass
class Builder:
    """Collects tensors, parameters and the operations of the body being written.

    Attributes
    ----------
    tensors : dict of str to Tensor
    bodies : dict of str to Body
    parameters : dict of str to Parameter
        In the order of the layers.
    gradients : dict of str to str
        Parameter to the tensor that holds its gradient, in the order of the backward pass.
    subsets : dict of str to tuple of (int, str)
        For parameters whose gradient is compact: the axes that are cut down, in order, each with
        the tensor (1, k) that lists the places kept.
    initial : dict of str to ndarray
        First values of the states that do not begin at zero, and the values of constants.
    trained : str, optional
        The tensor (n,) that says which samples train; without it all do.
    recorded : list of str
        Tensors that the body of the backward pass records besides the loss.
    choosers : list of callable
        Each emits its part of the body ``choose``, which writes states that the body of the
        backward pass has declared.
    calibrated : dict of str to str
        Layer to its dense weight gradient in the body ``choose``; "" until that is emitted.
    prefix : str
        Stands before the names of new outputs.
    training : bool
        Whether the body being written trains; otherwise it evaluates or calibrates.
    """

    tensors: dict[str, Tensor] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    gradients: dict[str, str] = field(default_factory=dict)
    subsets: dict[str, Subset] = field(default_factory=dict)
    initial: dict[str, Array] = field(default_factory=dict)
    trained: str | None = None
    recorded: list[str] = field(default_factory=list)
    choosers: list[Callable[[], None]] = field(default_factory=list)
    calibrated: dict[str, str] = field(default_factory=dict)
    prefix: str = ""
    training: bool = True
    _ops: list[Op] = field(default_factory=list)
    _saved: dict[str, dict[str, str]] = field(default_factory=dict)

    def tensor(self, name: str, shape: Shape, dtype: str = "f32", role: str = "activation") -> str:
        """Declare a tensor; the same declaration twice is one tensor.

        Raises
        ------
        PlanError
            The name stands for another tensor already.
        """
        made = Tensor(name, tuple(shape), dtype, role)
        if self.tensors.setdefault(name, made) != made:
            raise PlanError(
                f"tensor {name!r}: declared as {self.tensors[name]} and as {made}; "
                "give the two layers different names"
            )
        return name

    def parameter(
        self, name: str, shape: Shape, fan_in: int = 1, first: float | None = None
    ) -> str:
        """Declare a weight that begins with drawn values, or all of it with `first`."""
        self.parameters.setdefault(name, Parameter(name, fan_in, first))
        return self.tensor(name, shape, role="weight")

    def state(self, name: str, first: Array) -> str:
        """Declare a state that begins with the values `first`."""
        self.initial[name] = first
        dtype = next(k for k, v in DTYPES.items() if first.dtype == v)
        return self.tensor(name, first.shape, dtype, role="state")

    def constant(self, name: str, value: Array) -> str:
        """Declare a weight that does not train and has the given value."""
        self.initial[name] = value
        dtype = next(k for k, v in DTYPES.items() if value.dtype == v)
        return self.tensor(name, value.shape, dtype, role="weight")

    def learn(self, weight: str, gradient: str, subset: Subset = ()) -> None:
        """Name the gradient of a parameter, and what part of the parameter it stands for."""
        self.gradients[weight] = gradient
        if subset:
            self.subsets[weight] = subset

    def record(self, *names: str) -> None:
        """Have tensors recorded at the end of the body of the backward pass."""
        self.recorded.extend(names)

    def shape(self, name: str) -> Shape:
        """Shape of a tensor."""
        return self.tensors[name].shape

    def emit(
        self,
        kind: str,
        inputs: Sequence[str | None],
        outputs: Sequence[str],
        role: str = "activation",
        **attrs: Any,
    ) -> str:
        """Append an operation, declaring its outputs with the shapes of the table's rule.

        Parameters
        ----------
        kind : str
            Name in `tinycl.ops.TABLE`.
        inputs, outputs : sequence of str
            Tensor names. An output that overwrites an input is left out of `outputs`.
        role : str
            Role of new tensors.
        **attrs
            The operation's attributes.

        Returns
        -------
        str
            The first output.
        """
        row = TABLE[kind]
        known = [None if n is None else self.tensors[n] for n in inputs]
        shapes = row.infer(
            [None if t is None else t.shape for t in known],
            [None if t is None else t.dtype for t in known],
            attrs,
        )
        given = dict(zip((a.name for a in row.inputs), inputs, strict=False))
        fresh = iter(outputs)
        names: list[str | None] = []
        for arg, shape in zip(row.outputs, shapes, strict=True):
            if arg.updates is not None:
                names.append(given.get(arg.updates))
            else:
                names.append(self.tensor(self.prefix + next(fresh), shape, arg.dtype, role))
        self._ops.append(Op(kind, tuple(inputs), tuple(names), row.attributes(attrs)))
        return names[0] or ""

    def save(self, layer: str, **names: str) -> None:
        """Keep what a layer's backward pass will need.

        Raises
        ------
        PlanError
            One layer in two places of a net.
        """
        key = self.prefix + layer
        if key in self._saved:
            raise PlanError(f"layer {layer!r} stands in the net twice; make two layers")
        self._saved[key] = names

    def saved(self, layer: str) -> dict[str, str]:
        """Return what `save` kept."""
        return self._saved[self.prefix + layer]

    def close(self, body: str, streams: Sequence[str] = (), records: Sequence[str] = ()) -> None:
        """End the body being written."""
        self.bodies[body] = Body(body, tuple(self._ops), tuple(streams), tuple(records))
        self._ops = []

    def plan(self, schedule: Sequence[tuple[str, int]], outputs: Sequence[str]) -> Plan:
        """Return the plan."""
        tensors: Mapping[str, Tensor] = dict(self.tensors)
        return Plan(
            tensors, dict(self.bodies), tuple(Run(*line) for line in schedule), tuple(outputs)
        )
