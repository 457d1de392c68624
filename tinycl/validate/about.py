"""What a library says of a kernel: layout, team, limits, accumulation."""

from __future__ import annotations

from dataclasses import dataclass

from tinycl.errors import TargetError
from tinycl.validate.case import Case

LIMITS = (
    "no_stride",
    "no_padding",
    "no_uneven",
    "no_bias",
    "always_bias",
    "no_batch",
    "no_rectangle",
    "no_transpose",
    "one_core",
)
LAYOUTS = ("CHW", "HWC")
TEAMS = ("each core", "core 0", "at once")


@dataclass(frozen=True)
class About:
    """``struct validate_about``; the fields are those of the header."""

    layout: int = 0
    team: int = 0
    no: int = 0
    accumulates: int = 0

    @classmethod
    def read(cls, name: str, numbers: tuple[int, int, int, int] | None) -> About:
        """Check what a library exports; None where it exports nothing.

        Raises
        ------
        TargetError
            A number that the header does not have.
        """
        if numbers is None:
            return cls()
        layout, team, no, accumulates = numbers
        most = (len(LAYOUTS) - 1, len(TEAMS) - 1, (1 << len(LIMITS)) - 1, 1)
        for field, value, top in zip(cls.__annotations__, numbers, most, strict=True):
            if not 0 <= value <= top:
                raise TargetError(
                    f"validate: validate_{name}_about says .{field} = {value}; "
                    f"tinycl_validate.h has values from 0 to {top}"
                )
        return cls(layout, team, no, accumulates)

    @property
    def hwc(self) -> bool:
        """Whether channels come last."""
        return self.layout == 1

    def has(self, limit: str) -> bool:
        """Tell whether a limit is declared."""
        return bool(self.no >> LIMITS.index(limit) & 1)

    @property
    def limits(self) -> tuple[str, ...]:
        """The limits that are declared."""
        return tuple(limit for limit in LIMITS if self.has(limit))

    def broken(self, case: Case) -> tuple[str, ...]:
        """Return the declared limits that a case goes beyond."""
        return tuple(limit for limit in self.limits if beyond(limit, case))


def beyond(limit: str, case: Case) -> bool:
    """Tell whether a case needs what the limit rules out."""
    size = case.size
    edges = [v for name, v in case.sizes if name.startswith("pad_")]
    windowed = "kh" in size
    optional = case.kernel.optional == "bias"
    found = {
        "no_stride": windowed and max(size["stride_h"], size["stride_w"]) > 1,
        "no_padding": any(edges),
        "no_uneven": len(set(edges)) > 1,
        "no_bias": optional and case.optional,
        "always_bias": optional and not case.optional,
        "no_batch": size.get("n", 1) > 1 and case.name != "matmul",
        "no_rectangle": windowed
        and (size["kh"] != size["kw"] or size["stride_h"] != size["stride_w"]),
        "no_transpose": bool(size.get("transpose_a") or size.get("transpose_b")),
        "one_core": case.cores > 1,
    }
    return found[limit]
