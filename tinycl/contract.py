"""The numeric contract: where a computation rounds, and in which order it adds.

A `Contract` is plain data with one canonical text and one hash. CONTRACT.md beside this file
says what each setting means; `tinycl.num` computes it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tinycl.errors import ContractError

VERSION = 1


@dataclass(frozen=True)
class Reduction:
    """How the ordered terms of one reduction are shared among partial sums.

    Parameters
    ----------
    kind : {"sequential", "lanes", "grouped", "blocks", "split"}
        Term t goes to partial sum 0; t mod n; t div n (grouped and blocks); t div ceil(T/n).
    n : int
        Lanes, terms a group, terms a block, or blocks. 0 for `sequential`.
    join : {"", "left", "pairwise"}
        How lanes are joined.
    """

    kind: str = "sequential"
    n: int = 0
    join: str = ""

    _LEAST = {"lanes": 2, "grouped": 1, "blocks": 1, "split": 2}
    _MOST = 1 << 20

    def __post_init__(self) -> None:
        if self.kind == "sequential":
            if self.n or self.join:
                raise ContractError("reduction: 'sequential' takes no number and no join")
            return
        if self.kind not in self._LEAST:
            raise ContractError(
                f"reduction: no kind {self.kind!r}; choose sequential, lanes(n,left), "
                "lanes(n,pairwise), grouped(n), blocks(size) or split(n)"
            )
        least = self._LEAST[self.kind]
        if isinstance(self.n, bool) or not isinstance(self.n, int):
            raise ContractError(f"reduction: {self.kind} takes a whole number, got {self.n!r}")
        if not least <= self.n <= self._MOST:
            raise ContractError(
                f"reduction: {self.kind} takes a number from {least} to {self._MOST}, got {self.n}"
                + ("; one partial sum is spelled 'sequential'" if self.n == 1 else "")
            )
        joins = ("left", "pairwise") if self.kind == "lanes" else ("",)
        if self.join not in joins:
            raise ContractError(
                f"reduction: {self.kind} takes the joins {joins}, got {self.join!r}"
            )

    def __str__(self) -> str:
        if self.kind == "sequential":
            return self.kind
        return f"{self.kind}({self.n},{self.join})" if self.join else f"{self.kind}({self.n})"

    @classmethod
    def parse(cls, text: str) -> Reduction:
        """Read ``sequential``, ``lanes(4,left)``, ``grouped(4)``, ``blocks(16)``, ``split(8)``."""
        pattern = r"([a-z]+)(?:\((\d+)(?:,([a-z]+))?\))?"
        found = re.fullmatch(pattern, text.replace(" ", ""), re.ASCII)
        if not found:
            raise ContractError(f"reduction: cannot read {text!r}; an example is lanes(4,left)")
        kind, n, join = found.groups()
        return cls(kind, int(n or 0), join or "")


_CHOICES: dict[str, tuple[str, ...]] = {
    "mac": ("fma", "mul_add", "fma_via_double"),
    "start": ("zero", "first_product"),
    "bias": ("after", "start"),
    "taps": ("channel_major", "spatial_major"),
    "input_grad_taps": ("by_output", "by_weight"),
    "padding": ("multiply", "skip"),
    "batch": ("chain", "per_sample"),
    "subnormals": ("keep", "flush"),
    "selection_order": ("ascending", "heap"),
}


@dataclass(frozen=True)
class Contract:
    """One choice for each place where implementations of the same kernel differ.

    Parameters
    ----------
    mac : {"fma", "mul_add", "fma_via_double"}
        How a*b + c rounds.
    reduction : Reduction or str
        The partial sums; text such as ``"lanes(4,pairwise)"`` is read.
    start : {"zero", "first_product"}
        What an accumulator begins with.
    bias : {"after", "start"}
        Whether the bias is added last, or begins lane or block 0.
    taps : {"channel_major", "spatial_major"}
        Forward terms run (ci, kh, kw) or (kh, kw, ci).
    input_grad_taps : {"by_output", "by_weight"}
        Terms of dx run over ascending (co, ho, wo) or (co, kh, kw).
    padding : {"multiply", "skip"}
        Taps outside the image take part as +0.0 or are left out.
    batch : {"chain", "per_sample"}
        One accumulator through the batch, or one gradient a sample, then added.
    subnormals : {"keep", "flush"}
        Whether subnormal inputs and results become zeros.
    selection_order : {"ascending", "heap"}
        The order in which top-k survivors enter later sums.

    Raises
    ------
    ContractError
        A setting that does not exist, or ``start=first_product`` with ``bias=start``: an
        accumulator begins with one thing.
    """

    mac: str = "fma"
    reduction: Reduction = field(default_factory=Reduction)
    start: str = "zero"
    bias: str = "after"
    taps: str = "channel_major"
    input_grad_taps: str = "by_output"
    padding: str = "multiply"
    batch: str = "chain"
    subnormals: str = "keep"
    selection_order: str = "ascending"

    def __post_init__(self) -> None:
        given: object = self.reduction
        if isinstance(given, str):
            object.__setattr__(self, "reduction", Reduction.parse(given))
        elif not isinstance(given, Reduction):
            raise ContractError(f"contract: reduction cannot be {self.reduction!r}")
        for name, allowed in _CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ContractError(
                    f"contract: {name} cannot be {value!r}; choose from {', '.join(allowed)}"
                )
        if self.start == "first_product" and self.bias == "start":
            raise ContractError(
                "contract: start=first_product with bias=start means nothing: an accumulator "
                "begins with one of the two; use bias=after or start=zero"
            )

    @property
    def text(self) -> str:
        """Canonical form: every field, in the order of declaration, ``name=value``."""
        return " ".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self))

    @property
    def hash(self) -> str:
        """SHA-256 of version and canonical text, hexadecimal."""
        return hashlib.sha256(f"tinycl-contract-{VERSION} {self.text}".encode()).hexdigest()

    def __str__(self) -> str:
        """Only what differs from the default contract; ``default`` where nothing does."""
        other = [
            f"{f.name}={getattr(self, f.name)}"
            for f in fields(self)
            if getattr(self, f.name) != getattr(DEFAULT, f.name)
        ]
        return " ".join(other) or "default"

    @classmethod
    def parse(cls, text: str) -> Contract:
        """Read `text` or `str` of a contract; fields left out take their defaults."""
        chosen: dict[str, Any] = {}
        names = {f.name for f in fields(cls)}
        for word in re.sub(r",\s+", ",", text).split():
            name, equals, value = word.partition("=")
            if word == "default" and not chosen:
                continue
            if not equals or name not in names:
                raise ContractError(
                    f"contract: cannot read {word!r}; write name=value with a name from "
                    + ", ".join(sorted(names))
                )
            if name in chosen:
                raise ContractError(f"contract: {name} is given twice")
            chosen[name] = value
        return cls(**chosen)

    def but(self, **changes: Any) -> Contract:
        """Return the same contract with some fields changed."""
        return replace(self, **changes)


DEFAULT = Contract()
