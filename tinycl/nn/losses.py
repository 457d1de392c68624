"""Losses: they emit the loss of each sample, the mean over the batch, and the first gradient."""

from __future__ import annotations

from tinycl.nn.builder import Builder, Shape


class Loss:
    """Base of the losses. `target_dtype` and `target_shape` describe what is learnt from."""

    target_dtype = "f32"

    def target_shape(self, y: Shape) -> Shape:
        """Shape of the target for an output of shape y."""
        return y

    def forward(self, b: Builder, y: str, target: str, batch: int) -> str:
        """Emit the loss; return the name of its mean over `batch`, the whole accumulated batch."""
        raise NotImplementedError

    def backward(self, b: Builder, batch: int) -> str:
        """Emit the gradient at the net's output and return its name."""
        raise NotImplementedError


class SoftmaxCrossEntropy(Loss):
    """Softmax and cross-entropy with integer targets of shape (n,)."""

    target_dtype = "i32"

    def target_shape(self, y: Shape) -> Shape:
        """One class a sample."""
        return y[:1]

    def forward(self, b: Builder, y: str, target: str, batch: int) -> str:
        """Emit probabilities, the loss of each sample, and the mean."""
        p = b.emit("softmax_cross_entropy_forward", (y, target), ("loss.p", "loss.each"))
        b.save("loss", p=p, target=target)
        return b.emit("mean", (b.prefix + "loss.each",), ("loss",), count=batch)

    def backward(self, b: Builder, batch: int) -> str:
        """Emit (p - y) / batch."""
        saved = b.saved("loss")
        return b.emit(
            "softmax_cross_entropy_input_grad",
            (saved["p"], saved["target"]),
            ("loss.dz",),
            role="gradient",
            batch=batch,
        )


class MeanSquaredError(Loss):
    """Mean squared error with targets of the output's shape."""

    def forward(self, b: Builder, y: str, target: str, batch: int) -> str:
        """Emit the loss of each sample and the mean."""
        each = b.emit("mean_squared_error_forward", (y, target), ("loss.each",))
        b.save("loss", y=y, target=target)
        return b.emit("mean", (each,), ("loss",), count=batch)

    def backward(self, b: Builder, batch: int) -> str:
        """Emit 2 (y - t) / (batch * elements)."""
        saved = b.saved("loss")
        return b.emit(
            "mean_squared_error_input_grad",
            (saved["y"], saved["target"]),
            ("loss.dz",),
            role="gradient",
            batch=batch,
        )
