"""The body ``choose``: what is decided once, before the steps of a plan."""

from __future__ import annotations

from collections.abc import Callable

from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer
from tinycl.nn.losses import Loss

Source = Callable[[], tuple[str, str, tuple[str, ...]]]


def emit_choose(b: Builder, net: Layer, loss: Loss, batch: Source) -> None:
    """Emit and close the body ``choose``.

    A dense pass forward and backward over one batch of its own, where a policy asked for its
    gradients; the choices; then the states of compact updates begin anew, since they belonged to
    the places chosen before.

    Parameters
    ----------
    b : Builder
        With the bodies of the training step closed.
    net : Layer
    loss : Loss
    batch : callable
        Emits or declares the batch of the dense pass; returns its samples, its targets, and those
        of them that are streamed.
    """
    streams: tuple[str, ...] = ()
    b.training = False
    if b.calibrated:
        b.prefix = "choose."
        x, target, streams = batch()
        samples = b.shape(x)[0]
        loss.forward(b, net.forward(b, x), target, samples)
        net.backward(b, loss.backward(b, samples), wanted=False)
        b.prefix = ""
    for choose in b.choosers:
        choose()
    for name, tensor in b.tensors.items():
        if tensor.role == "state" and any(name.startswith(f"{w}.") for w in b.subsets):
            b.emit("clear", (name,), ())
    b.close("choose", streams)
