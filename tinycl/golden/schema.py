"""What a golden file holds, and which versions this tinycl can read. SCHEMA.md is the prose."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tinycl import contract as contracts
from tinycl.bits import Array, digest
from tinycl.contract import Contract
from tinycl.plan import Plan, to_json

SCHEMA_VERSION = 1
CATALOGUE_VERSION = 1
VERSIONS = {
    "schema_version": SCHEMA_VERSION,
    "catalogue_version": CATALOGUE_VERSION,
    "contract_version": contracts.VERSION,
}
TEXTS = ("name", "contract", "contract_hash", "digest")
DIGEST = re.compile(r"[0-9a-f]{64}")
CASE = "case"


@dataclass(frozen=True, eq=False)
class Golden:
    """One case: a plan, what goes in, and every tensor that comes out.

    Attributes
    ----------
    name : str
        Such as ``conv2d_forward/stride3_asymmetric_hard``.
    plan : Plan
    inputs : mapping of str to ndarray
        One array for each input, weight and state; streams as (slices, *shape).
    tensors : mapping of str to ndarray
        `Result.tensors()` of a checked run: ``trace/...``, ``record/...``, ``output/...``.
    contract : Contract
    seed : int
        Of the generator that made the inputs.
    digests : mapping of str to str
        What the file says the digest of each tensor is; inputs stand under ``input/``.
    digest : str
        What the file says the digest of the whole case is.
    """

    name: str
    plan: Plan
    inputs: Mapping[str, Array]
    tensors: Mapping[str, Array]
    contract: Contract
    seed: int
    digests: Mapping[str, str]
    digest: str

    @property
    def everything(self) -> dict[str, Array]:
        """Every tensor under one name each, inputs under ``input/``."""
        return {**{f"input/{n}": v for n, v in self.inputs.items()}, **self.tensors}

    @cached_property
    def altered(self) -> tuple[str, ...]:
        """Names of the tensors whose data do not have their digest; `CASE` for all the rest.

        Empty for a file as `tinycl golden make` wrote it.
        """
        wrong = [n for n, v in self.everything.items() if digest(v) != self.digests[n]]
        whole = case_digest(self.name, self.plan, self.contract, self.seed, self.digests)
        return (*wrong, CASE) if whole != self.digest else tuple(wrong)

    @property
    def runnable(self) -> bool:
        """Whether plan and inputs are as they were made."""
        return not any(n == CASE or n.startswith("input/") for n in self.altered)


def seal(
    name: str,
    plan: Plan,
    inputs: Mapping[str, Array],
    tensors: Mapping[str, Array],
    contract: Contract,
    seed: int,
) -> Golden:
    """Return a golden with the digests of what it holds."""
    digests = {f"input/{n}": digest(v) for n, v in inputs.items()}
    digests.update({n: digest(v) for n, v in tensors.items()})
    whole = case_digest(name, plan, contract, seed, digests)
    return Golden(name, plan, inputs, tensors, contract, seed, digests, whole)


def case_digest(
    name: str, plan: Plan, contract: Contract, seed: int, digests: Mapping[str, str]
) -> str:
    """SHA-256 over versions, name, seed, contract, plan, and the digest of every tensor."""
    lines = [f"{key}={number}" for key, number in VERSIONS.items()]
    lines += [f"name={name}", f"seed={seed}", f"contract={contract.text}", f"plan={to_json(plan)}"]
    lines += [f"{key} {digests[key]}" for key in sorted(digests)]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def expected_tensors(plan: Plan) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Dtype and shape of every tensor that a golden file of this plan holds, by name."""
    found = {}
    for name, tensor in plan.tensors.items():
        if name in plan.streamed:
            found[f"input/{name}"] = (tensor.dtype, (plan.slices(name), *tensor.shape))
        elif tensor.given:
            found[f"input/{name}"] = (tensor.dtype, tensor.shape)
    for step, body in enumerate(plan.steps()):
        for index, op in enumerate(body.ops):
            for name in op.writes:
                key = f"trace/{step}/{body.name}/{index:02d}.{op.kind}/{name}"
                found[key] = (plan.tensors[name].dtype, plan.tensors[name].shape)
    for body in plan.bodies.values():
        times = plan.body_executions(body.name)
        for name in body.records:
            shape = (times, *plan.tensors[name].shape)
            found[f"record/{body.name}/{name}"] = (plan.tensors[name].dtype, shape)
    for name in plan.outputs:
        found[f"output/{name}"] = (plan.tensors[name].dtype, plan.tensors[name].shape)
    return found
