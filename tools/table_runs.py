"""The runs behind the table: trained from scratch, and fine-tuned where the data shift."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinycl import sparse
from tinycl.train import CHECKPOINT, Config, Run, begin
from tinycl.train.advance import Advance

NETS = {"MLP 64-32-16-10": "mlp:64-32-16-10", "conv net": "digits"}
POLICIES: dict[str, Any] = {
    "dense": "dense",
    "last layer": {"kind": "layerwise"},
    "channels 50 %": {"kind": "channels", "ratio": 0.5},
    "channels 25 %": {"kind": "channels", "ratio": 0.25},
    "top-k 16 %": {"kind": "topk", "ratio": 0.16},
    "TinyProp": {"kind": "tinyprop"},
    "TinyPropv2": {"kind": "tinypropv2"},
}
SHIFTS = ("rotated", "shifted", "noisy")
SCRATCH, EPOCHS, TUNED_EPOCHS, SAMPLES = "scratch", 10, 5, 320
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """One finished run: right answers, and effort as a share of dense training."""

    regime: str
    net: str
    policy: str
    seed: int
    before: float
    accuracy: float
    backward: float
    total: float


@dataclass(frozen=True)
class Row:
    """All seeds of one policy; accuracies in percent: mean and sample deviation."""

    net: str
    policy: str
    accuracy: dict[str, tuple[float, float]]
    backward: float
    total: float


class Runs:
    """Configurations and folders of the runs.

    Parameters
    ----------
    folder : Path
        Where they are kept.
    epochs, tuned_epochs : int
        From scratch, and fine-tuned.
    """

    def __init__(
        self, folder: Path, epochs: int = EPOCHS, tuned_epochs: int = TUNED_EPOCHS
    ) -> None:
        self.folder, self.epochs, self.tuned_epochs = folder, epochs, tuned_epochs

    def begin(self, regime: str, net: str, policy: str, seed: int, again: str = "") -> Run:
        """Return a run at its first step.

        Parameters
        ----------
        regime : str
            ``scratch``, or one of `SHIFTS`: it then starts from the dense run of this seed.
        net, policy : str
            Keys of `NETS` and `POLICIES`.
        seed : int
        again : str
            Sets the folder apart from that of the same run.
        """
        table: dict[str, Any] = {
            "net": NETS[net],
            "policy": POLICIES[policy],
            "seed": seed,
            "epochs": self.epochs,
        }
        if regime != SCRATCH:
            start = self._place(SCRATCH, net, "dense", seed) / CHECKPOINT
            data = {"name": "digits", "shift": regime, "samples": SAMPLES}
            table |= {"epochs": self.tuned_epochs, "start": str(start), "data": data}
        place = self._place(regime, net, policy, seed)
        return begin(Config.from_table(table), place.with_name(place.name + again))

    def finish(self, regime: str, net: str, policy: str, seed: int) -> Outcome:
        """Run one to its end."""
        run = self.begin(regime, net, policy, seed)
        untrained = advance(run).evaluate(run.state).accuracy[-1]
        run.train()
        last = run.state.accuracy[-1]
        told = sparse.report(run.training, run.state.records, run.state.tensors)
        shares = untrained.correct / untrained.of, last.correct / last.of
        efforts = told.backward_effort, told.total_effort
        return Outcome(regime, net, policy, seed, *shares, *efforts)

    def all(self, nets: Sequence[str], seeds: Sequence[int], tell: Tell) -> Iterator[Outcome]:
        """Run everything; of each net and seed the dense run from scratch comes first."""
        for net in nets:
            for seed in seeds:
                tell(f"{net}, seed {seed}")
                for regime in (SCRATCH, *SHIFTS):
                    for policy in POLICIES:
                        yield self.finish(regime, net, policy, seed)

    def _place(self, regime: str, net: str, policy: str, seed: int) -> Path:
        words = (regime, NETS[net].partition(":")[0], policy.replace(" %", ""), str(seed))
        return self.folder / "-".join(words).replace(" ", "-")


def advance(run: Run) -> Advance:
    """Return what evaluates a run."""
    return Advance(run.config, run.data, run.training, run.steps_per_epoch)


def rows(outcomes: Sequence[Outcome], regimes: Sequence[str]) -> list[Row]:
    """Return one row a net and policy, over the seeds; efforts are means over the regimes too."""
    made = []
    for net, policy in dict.fromkeys((o.net, o.policy) for o in outcomes):
        mine = [o for o in outcomes if (o.net, o.policy) == (net, policy) and o.regime in regimes]
        accuracy = {r: spread([o.accuracy for o in mine if o.regime == r]) for r in regimes}
        efforts = (
            statistics.fmean(o.backward for o in mine),
            statistics.fmean(o.total for o in mine),
        )
        made.append(Row(net, policy, accuracy, *efforts))
    return made


def untrained(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return one row a net: the pretrained weights on shifted data, before any step."""
    made = []
    for net in dict.fromkeys(o.net for o in outcomes):
        mine = [o for o in outcomes if (o.net, o.policy) == (net, "dense")]
        accuracy = {r: spread([o.before for o in mine if o.regime == r]) for r in SHIFTS}
        made.append(Row(net, "not adapted", accuracy, 0.0, 0.0))
    return made


def spread(shares: Sequence[float]) -> tuple[float, float]:
    """Return mean and sample deviation in percent; the deviation of one value is 0."""
    percent = [100 * share for share in shares]
    return statistics.fmean(percent), statistics.stdev(percent) if percent[1:] else 0.0
