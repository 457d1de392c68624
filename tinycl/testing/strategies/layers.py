"""Geometries of convolutions and pools."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st


class Layer(NamedTuple):
    """Geometry of a convolution or pool; a depthwise layer or a pool has ci = co channels."""

    n: int
    ci: int
    co: int
    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]

    @property
    def out(self) -> tuple[int, int]:
        """Height and width of the output."""
        top, bottom, left, right = self.padding
        return (
            (self.size[0] + top + bottom - self.kernel[0]) // self.stride[0] + 1,
            (self.size[1] + left + right - self.kernel[1]) // self.stride[1] + 1,
        )


@st.composite
def _layers(draw: st.DrawFn, batch: int, channels: int, side: int, pool: bool, same: bool) -> Layer:
    """Draw a geometry in which at least one window fits."""
    n, ci = draw(st.integers(1, batch)), draw(st.integers(1, channels))
    co = ci if same else draw(st.integers(1, channels))
    axes = []
    for _ in range(2):
        size, stride = draw(st.integers(1, side)), draw(st.integers(1, 3))
        kernel = draw(st.integers(1, 3))
        most = kernel - 1 if pool else kernel + 1
        before = draw(st.integers(0, most))
        lacking = max(0, kernel - size - before)  # at most kernel - 1, as size is at least 1
        axes.append((size, kernel, stride, before, draw(st.integers(lacking, most))))
    (h, kh, sh, top, bottom), (w, kw, sw, left, right) = axes
    return Layer(n, ci, co, (h, w), (kh, kw), (sh, sw), (top, bottom, left, right))


def conv2d_layers(batch: int = 3, channels: int = 3, side: int = 5) -> st.SearchStrategy[Layer]:
    """Generate convolutions: kernels and strides 1 to 3, asymmetric padding up to kernel + 1.

    Parameters
    ----------
    batch, channels, side : int
        Upper bounds of samples, of channels each way, and of the image's sides.

    Returns
    -------
    strategy of Layer
    """
    return _layers(batch, channels, side, pool=False, same=False)


def depthwise_layers(batch: int = 3, channels: int = 3, side: int = 5) -> st.SearchStrategy[Layer]:
    """Generate depthwise convolutions; bounds as in `conv2d_layers`."""
    return _layers(batch, channels, side, pool=False, same=True)


def pool_layers(batch: int = 2, channels: int = 2, side: int = 5) -> st.SearchStrategy[Layer]:
    """Generate pools: as `depthwise_layers`, with every padding smaller than the kernel."""
    return _layers(batch, channels, side, pool=True, same=True)
