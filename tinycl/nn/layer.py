"""What a layer is: a name, a forward pass, and the backward pass written out below it."""

from __future__ import annotations

from collections.abc import Iterator

from tinycl.nn.builder import Builder


class Layer:
    """Base of the layers.

    A layer is a description; it holds no numbers. `forward` emits the operations of the forward
    pass and saves the names that `backward` needs.
    """

    kind = "layer"
    name = ""

    def attach(self, name: str) -> None:
        """Take the name under which the tensors of this layer will stand in the plan."""
        self.name = name

    def trains(self) -> bool:
        """Whether there is anything to train in here."""
        return False

    def parts(self) -> Iterator[Layer]:
        """Yield the layers that are not made of others, frozen ones left out, in forward order."""
        yield self

    def forward(self, b: Builder, x: str) -> str:
        """Emit the forward pass and return the output's name."""
        raise NotImplementedError

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit the backward pass; return dx if it is wanted, else None."""
        raise NotImplementedError


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    """Return (rows, columns) of a number or a pair."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def sides(value: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return (top, bottom, left, right) of a number, (rows, columns) or four numbers."""
    if isinstance(value, int):
        return (value,) * 4
    return (value[0], value[0], value[1], value[1]) if len(value) == 2 else tuple(value)
