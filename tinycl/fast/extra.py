"""What the kernel of an operation does besides the operation: an activation, a gate, an update."""

from __future__ import annotations

from dataclasses import dataclass

from tinycl.fast.updates import Update


@dataclass(frozen=True)
class Extra:
    """What a fused kernel does besides: flags, the tensor behind MASK, an update by SGD.

    bias: the gradient of a bias that it computes, too. done: another kernel computes it.
    """

    flags: int = 0
    gate: str | None = None
    update: Update | None = None
    bias: str | None = None
    done: bool = False

    @property
    def state(self) -> tuple[str, ...]:
        """The weights that are updated, and their velocities if they have any."""
        return () if self.update is None else tuple(n for n in self.update[:2] if n is not None)


NOTHING = Extra()
