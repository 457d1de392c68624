"""Whether latents may be below 0, where the quantiser of replays begins."""

from __future__ import annotations

from tinycl import nn
from tinycl.bits import Array
from tinycl.cl.learning.replay import Replay
from tinycl.errors import PlanError
from tinycl.quant import Int8Stage

KEEPS_SIGN = (nn.MaxPool2d, nn.AvgPool2d, nn.GlobalAvgPool2d, nn.Dropout)


def signed(layer: nn.Layer) -> str | None:
    """Return the name of the layer that makes latents below 0 possible, None where none are.

    Parameters
    ----------
    layer : Layer
        The frozen stage. Of a stage on bytes its zero point tells; other layers are judged by
        their kind: only ReLU, ReLU6 and Sigmoid, with or without pooling behind, end at 0.
    """
    match layer:
        case Int8Stage():
            return layer.name if layer.y.zero else None
        case nn.Frozen():
            return signed(layer.inner)
        case nn.Sequential():
            for inner in reversed(layer.layers):
                if not isinstance(inner, KEEPS_SIGN):
                    return signed(inner)
            return None  # images, pooled
        case nn.ReLU() | nn.ReLU6() | nn.Sigmoid():
            return None
        case _:
            return layer.name


def check_latents(replay: Replay, stage: nn.Layer) -> None:
    """Raise PlanError where quantised replays would lose latents below 0."""
    below = signed(stage) if replay.packs else None
    if below is not None:
        raise PlanError(
            f"Learner: latents behind {below} may be below 0, and {replay.bits} bits keep none of "
            "these; cut the net behind a ReLU, or keep float32 replays (bits = 32)"
        )


def check_images(replay: Replay, images: Array) -> None:
    """Raise PlanError where quantised replays of the images themselves would lose some values."""
    if replay.packs and images.min() < 0:
        raise PlanError(
            f"replay: without a frozen stage images are replayed; these have values below 0, and "
            f"{replay.bits} bits keep none of them. Keep float32 replays (bits = 32), or freeze a "
            "stage that ends in a ReLU"
        )
