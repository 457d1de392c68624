"""The nets by name, with the options of each and the samples that it takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.models.digits import digits_net
from tinycl.models.mobilenet_v1 import mobilenet_v1
from tinycl.models.mobilenet_v2 import mobilenet_v2
from tinycl.models.phinet import phinet
from tinycl.models.separable import separable_net
from tinycl.models.small import anomaly_mlp, conv_net, mlp
from tinycl.nn.builder import Shape


@dataclass(frozen=True)
class Model:
    """A net of the catalogue.

    Parameters
    ----------
    make : callable
    told : str
        What it is, in a line.
    side : int
        Rows and columns of its images unless said otherwise; 0: it takes features.
    any_side : bool
        Whether images may have another size.
    width : str
        The option that multiplies its channels, if there is one.
    """

    make: Callable[..., nn.Layer]
    told: str
    side: int
    any_side: bool = True
    width: str = ""

    @property
    def options(self) -> dict[str, inspect.Parameter]:
        """What `make` takes, by name."""
        return dict(inspect.signature(self.make).parameters)


MODELS = {
    "mobilenet_v1": Model(
        mobilenet_v1, "MobileNetV1, conv + bias + ReLU (Howard et al., 2017)", 128, width="width"
    ),
    "mobilenet_v2": Model(
        mobilenet_v2, "MobileNetV2, conv + bias + ReLU6 (Sandler et al., 2018)", 128, width="width"
    ),
    "phinet": Model(phinet, "PhiNet (Paissan et al., 2022)", 128, width="alpha"),
    "mlp": Model(mlp, "linear layers, for MNIST (Rueb et al., 2023)", 0),
    "anomaly_mlp": Model(anomaly_mlp, "linear layers with sigmoid, for sounds (Rueb et al.)", 0),
    "conv_net": Model(conv_net, "two conv 5x5 and linear layers, for MNIST (Rueb et al.)", 28),
    "digits": Model(digits_net, "a small conv net for digits of 8x8", 8, any_side=False),
    "separable": Model(separable_net, "a small depthwise-separable net for digits of 8x8", 8),
}


def make_model(name: str, /, size: int | None = None, **options: Any) -> tuple[nn.Layer, Shape]:
    """Return a net of the catalogue and the shape of the samples that it takes.

    Parameters
    ----------
    name : str
        One of `MODELS`.
    size : int, optional
        Rows and columns of the images.
    **options
        What its function takes.

    Returns
    -------
    net : nn.Layer
    sample : tuple of int
        (c, h, w) or (features,).

    Raises
    ------
    ShapeError
        No such net or option; a size where there is none to choose; numbers that make no net.
    """
    model = model_of(name)
    known = model.options
    unknown = [option for option in options if option not in known or option == "size"]
    if unknown:
        told = ", ".join(option for option in known if option != "size") or "none"
        raise ShapeError(f"models: {name} takes no option {unknown[0]!r}; options: {told}")
    if size is not None and not (model.side and (model.any_side or size == model.side)):
        takes = f"images of {model.side}x{model.side}" if model.side else "features, see sizes"
        raise ShapeError(f"models: {name} takes {takes}; leave size out")
    if isinstance(size, bool) or (size is not None and size < 1):
        raise ShapeError(f"models: size must be a whole number from 1, got {size}")
    values = {key: p.default for key, p in known.items()} | options
    for key in ("classes", "channels"):
        if isinstance(values.get(key, 1), bool) or not 1 <= values.get(key, 1) < 2**31:
            raise ShapeError(f"models: {key} must be a whole number from 1, got {values[key]}")
    if not model.side:
        return model.make(**options), (int(values["sizes"][0]),)
    side = model.side if size is None else size
    if "size" in known:
        options = options | {"size": side}
    return model.make(**options), (int(values.get("channels", 1)), side, side)


def model_of(name: str) -> Model:
    """Return an entry of the catalogue.

    Raises
    ------
    ShapeError
        There is none of that name.
    """
    if name not in MODELS:
        raise ShapeError(f"models: there is no net {name!r}; choose from {', '.join(MODELS)}")
    return MODELS[name]


def read_options(name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return options of a net that come as texts; lists of numbers are written ``5,7``.

    Raises
    ------
    ShapeError
        A text that is not what the option takes. Unknown options are left to `make_model`.
    """
    known = model_of(name).options
    found: dict[str, Any] = {}
    for key, text in texts.items():
        kind = str(known[key].annotation) if key in known else "str"
        read = READERS[kind.removesuffix(" | None")]
        try:
            found[key] = read(text)
        except (ValueError, KeyError) as error:
            raise ShapeError(
                f"models: {name}: {key} is {kind.replace('Sequence', 'a list ')}, not {text!r}"
            ) from error
    return found


READERS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": lambda text: {"true": True, "false": False}[text],
    "Sequence[int]": lambda text: tuple(int(word) for word in text.split(",") if word),
}
