"""The body ``choose``: what is decided once, before the steps of a plan."""

from __future__ import annotations

from tinycl.nn.builder import Builder, Shape
from tinycl.nn.layer import Layer
from tinycl.nn.losses import Loss


def emit_choose(b: Builder, net: Layer, loss: Loss, input_shape: Shape) -> None:
    """Emit and close the body ``choose``.

    A dense pass forward and backward over one batch of its own, ``choose.x`` and
    ``choose.target``, where a policy asked for its gradients; the choices; then the states of
    compact updates begin anew, since they belonged to the places chosen before.

    Parameters
    ----------
    b : Builder
        With the bodies of the training step closed.
    net : Layer
    loss : Loss
    input_shape : tuple of int
        Of one microbatch, which is the batch of the dense pass.
    """
    streams: tuple[str, ...] = ()
    b.training = False
    if b.calibrated:
        b.prefix = "choose."
        x = b.tensor("choose.x", input_shape, role="input")
        y = net.forward(b, x)
        shape = loss.target_shape(b.shape(y))
        target = b.tensor("choose.target", shape, loss.target_dtype, role="input")
        loss.forward(b, y, target, input_shape[0])
        net.backward(b, loss.backward(b, input_shape[0]), wanted=False)
        b.prefix = ""
        streams = (x, target)
    for choose in b.choosers:
        choose()
    for name, tensor in b.tensors.items():
        if tensor.role == "state" and any(name.startswith(f"{w}.") for w in b.subsets):
            b.emit("clear", (name,), ())
    b.close("choose", streams)
