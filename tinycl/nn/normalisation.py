"""Batch normalisation and batch renormalisation."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from tinycl.errors import PlanError
from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer
from tinycl.num.exact import round_to_f32


class Statistics(NamedTuple):
    """The tensors (c,) that a layer normalises with."""

    mean: str
    std: str
    r: str | None = None
    d: str | None = None


class Normalisation(Layer):
    """y = gamma*(x - mean)/std + beta for each channel of (n, c, h, w) or (n, c).

    In training mean and std are those of the batch, and moving averages follow them. In evaluation
    and inside `Frozen` the moving ones are used and kept as they are.

    Attributes
    ----------
    gamma, beta : str
        Names of the weights, which begin at 1 and 0.
    """

    def __init__(self, channels: int, eps: float, rate: float, frozen: bool, trained: bool) -> None:
        self.channels, self.eps, self.rate = channels, eps, rate
        self.frozen, self.trained = frozen, trained

    @property
    def gamma(self) -> str:
        """Name of the scale."""
        return f"{self.name}.gamma"

    @property
    def beta(self) -> str:
        """Name of the shift."""
        return f"{self.name}.beta"

    def trains(self) -> bool:
        """Whether gamma and beta train."""
        return self.trained

    def moving(self, b: Builder, what: str, first: float) -> str:
        """Declare a moving statistic that begins at `first` in each channel."""
        return b.state(f"{self.name}.{what}", np.full(self.channels, first, np.float32))

    def batch_statistics(self, b: Builder, x: str) -> Statistics:
        """Emit the statistics of a batch."""
        raise NotImplementedError

    def moving_statistics(self, b: Builder) -> Statistics:
        """Emit what the moving statistics give."""
        raise NotImplementedError

    def move(self, b: Builder, batch: Statistics, count: int) -> None:
        """Emit how the moving statistics follow those of a batch with `count` values a channel."""
        raise NotImplementedError

    def forward(self, b: Builder, x: str) -> str:
        """Emit statistics, y and, in training, the moving averages."""
        gamma = b.parameter(self.gamma, (self.channels,), first=1.0)
        beta = b.parameter(self.beta, (self.channels,), first=0.0)
        live = b.training and not self.frozen
        used = self.batch_statistics(b, x) if live else self.moving_statistics(b)
        y = b.emit(
            "normalise_forward",
            (x, used.mean, used.std, gamma, beta, used.r, used.d),
            (f"{self.name}.y",),
        )
        if live:
            self.move(b, used, self._count(b, x))
        given = {k: v for k, v in used._asdict().items() if v is not None}
        b.save(self.name, x=x, **given, **({"live": x} if live else {}))
        return y

    def _count(self, b: Builder, x: str) -> int:
        n, _, *image = b.shape(x)
        count = int(np.prod([n, *image]))
        if count < 2:
            raise PlanError(
                f"{self.name}: a batch of {b.shape(x)} has one value a channel, which has no "
                "variance; take more samples, or moving statistics with frozen=True"
            )
        return count

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dgamma, dbeta and, if it is wanted, dx."""
        kept = b.saved(self.name)
        x, mean, std, r = kept["x"], kept["mean"], kept["std"], kept.get("r")
        if self.trained and b.training:
            self._learn(b, (x, mean, std, dy, r, kept.get("d")))
        if not wanted:
            return None
        live = "live" in kept
        return b.emit(
            "batch_norm_input_grad" if live else "normalise_input_grad",
            (x, mean, std, self.gamma, dy, r) if live else (std, self.gamma, dy),
            (f"{self.name}.dx",),
            role="gradient",
        )

    def _learn(self, b: Builder, tensors: tuple[str | None, ...]) -> None:
        names = (f"{self.name}.dgamma", f"{self.name}.dbeta")
        b.emit("normalise_weight_grad", tensors, names, role="gradient")
        b.learn(self.gamma, b.prefix + names[0])
        b.learn(self.beta, b.prefix + names[1])


class BatchNorm(Normalisation):
    """Batch normalisation (Ioffe and Szegedy, 2015), as PyTorch does it.

    A batch is normalised with its biased variance; the moving variance follows the unbiased one.

    Parameters
    ----------
    channels : int
    eps : float
        Added to variances.
    rate : float
        How far the moving statistics move (PyTorch's momentum).
    frozen : bool
        Normalise with the moving statistics in training too, and keep them as they are.
    trained : bool
        Whether gamma and beta train.
    """

    kind = "batch_norm"

    def __init__(
        self,
        channels: int,
        eps: float = 1e-5,
        rate: float = 0.1,
        frozen: bool = False,
        trained: bool = True,
    ) -> None:
        super().__init__(channels, eps, rate, frozen, trained)

    def batch_statistics(self, b: Builder, x: str) -> Statistics:
        """Emit mean, variance and deviation."""
        names = (f"{self.name}.mean", f"{self.name}.var")
        mean = b.emit("channel_moments", (x,), names)
        return Statistics(mean, self._deviation(b, b.prefix + names[1]))

    def _deviation(self, b: Builder, var: str) -> str:
        return b.emit("deviation", (var,), (f"{self.name}.std",), eps=self.eps)

    def moving_statistics(self, b: Builder) -> Statistics:
        """Emit the deviation of the moving variance."""
        var = self.moving(b, "moving_var", 1.0)
        return Statistics(self.moving(b, "moving_mean", 0.0), self._deviation(b, var))

    def move(self, b: Builder, batch: Statistics, count: int) -> None:
        """Emit the moving mean, and the moving variance, count/(count - 1) being rounded once."""
        unbiased = float(round_to_f32(Fraction(count, count - 1)))
        var = f"{b.prefix}{self.name}.var"
        for what, first, value, scale in (
            ("moving_mean", 0.0, batch.mean, 1.0),
            ("moving_var", 1.0, var, unbiased),
        ):
            state = self.moving(b, what, first)
            b.emit("moving_average", (state, value), (), rate=self.rate, scale=scale)


class BatchRenorm(Normalisation):
    """Batch renormalisation (Ioffe, 2017): in training, too, nearly that of the moving statistics.

    y = gamma*(((x - mean)*r)/std + d) + beta, std = sqrt(var + eps) of the batch. r and d are held
    within bounds and have no gradient. The moving statistics are those of mean and std.

    Parameters
    ----------
    channels : int
    eps : float
        Added to variances.
    rate : float
        How far the moving statistics move.
    rmax, dmax : float
        r lies between 1/rmax and rmax, d between -dmax and dmax.
    frozen : bool
        Normalise with the moving statistics in training too, and keep them as they are.
    trained : bool
        Whether gamma and beta train.
    """

    kind = "batch_renorm"

    def __init__(
        self,
        channels: int,
        eps: float = 1e-5,
        rate: float = 0.01,
        rmax: float = 3.0,
        dmax: float = 5.0,
        frozen: bool = False,
        trained: bool = True,
    ) -> None:
        super().__init__(channels, eps, rate, frozen, trained)
        self.rmax, self.dmax = rmax, dmax

    def batch_statistics(self, b: Builder, x: str) -> Statistics:
        """Emit mean, deviation and both corrections."""
        names = (f"{self.name}.mean", f"{self.name}.var")
        mean = b.emit("channel_moments", (x,), names)
        std = b.emit("deviation", (b.prefix + names[1],), (f"{self.name}.std",), eps=self.eps)
        corrections = (f"{self.name}.r", f"{self.name}.d")
        known = self.moving_statistics(b)
        r = b.emit(
            "renorm_corrections",
            (mean, std, known.mean, known.std),
            corrections,
            rmax=self.rmax,
            dmax=self.dmax,
        )
        return Statistics(mean, std, r, b.prefix + corrections[1])

    def moving_statistics(self, b: Builder) -> Statistics:
        """Declare the moving mean and deviation."""
        return Statistics(self.moving(b, "moving_mean", 0.0), self.moving(b, "moving_std", 1.0))

    def move(self, b: Builder, batch: Statistics, count: int) -> None:
        """Emit the moving mean and deviation."""
        known = self.moving_statistics(b)
        for state, value in ((known.mean, batch.mean), (known.std, batch.std)):
            b.emit("moving_average", (state, value), (), rate=self.rate, scale=1.0)
