"""Nets by name, made for the samples and the classes of a data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tinycl import models, nn
from tinycl.errors import TinyclError
from tinycl.models.catalogue import model_of, read_options

Shape = tuple[int, ...]
Options = Mapping[str, str]
FORMS = (
    "digits, separable, mlp:64-32-10, conv:8-16, conv_net, mobilenet_v1, mobilenet_v1:0.25, "
    "mobilenet_v2:0.5, phinet, phinet:alpha=0.2,norm=batch"
)
HEAD = ("head_bias",)
FROM_DATA = ("classes", "channels", "size")


def make_net(text: str, sample: Shape, classes: int) -> nn.Layer:
    """Make a net.

    Parameters
    ----------
    text : str
        A name, and behind a colon numbers and options: ``mobilenet_v1:0.25,norm=batch``, or
        ``phinet:alpha=0.2,downsampling=4,6,compatible=false``. The number of a net of
        `tinycl.models.MODELS` is its width (PhiNet's `alpha`); its options are the parameters of
        its function (`tinycl models`) but for `classes`, `channels` and `size`, which the data
        give.

        ``digits``, ``conv_net`` (square images), ``separable``, ``mobilenet_v1``,
        ``mobilenet_v2``, ``phinet``: the nets of that catalogue. ``mlp:64-32-10``: linear layers of
        these sizes, ReLU between them. ``conv:8-16``: the layers of the digits' net with so many
        channels, for images of any size. The one option of both is `head_bias`; with
        ``head_bias=false`` the last layer has none, as strategies want it that keep a head class by
        class.
    sample : tuple of int
        (c, h, w) or (features,).
    classes : int

    Returns
    -------
    nn.Layer

    Raises
    ------
    TinyclError
        No such net, option or value; a net that does not take these samples.
    """
    name, colon, rest = text.partition(":")
    if name not in (*OWN, *CATALOGUE) or (colon and not rest):
        raise TinyclError(f"net: there is no net {text!r}; write one such as {FORMS}")
    numbers, options = _split(text, rest)
    if name in OWN:
        _known(text, options, HEAD)
        return OWN[name](text, numbers, options, sample, classes)
    return catalogued(text, numbers, options, sample, classes)


def mlp(text: str, numbers: str, options: Options, sample: Shape, classes: int) -> nn.Layer:
    """Make linear layers with ReLU between them; images are flattened first."""
    sizes = _sizes(text, numbers)
    features = 1
    for axis in sample:
        features *= axis
    if (sizes[0], sizes[-1]) != (features, classes):
        raise TinyclError(
            f"net: {text} goes from {sizes[0]} features to {sizes[-1]} classes; the data have "
            f"{features} and {classes}"
        )
    layers: list[nn.Layer] = [nn.Flatten()] if len(sample) == 3 else []
    return nn.Sequential(*layers, *models.mlp(sizes, **read_options("mlp", options)).layers)


def conv(text: str, numbers: str, options: Options, sample: Shape, classes: int) -> nn.Layer:
    """Make conv 3x3, depthwise 3x3, pointwise, max pool 2x2, linear, with ReLU between them."""
    sizes = _sizes(text, numbers)
    if len(sizes) != 2 or len(sample) != 3 or min(sample[1:]) < 2:
        raise TinyclError(
            f"net: {text}: takes two numbers of channels, such as conv:8-16, and images of 2x2 "
            f"and larger; the data have {sample}"
        )
    channels, rows, columns = sample
    wide, out = sizes
    head = read_options("mlp", options).get("head_bias", True)
    return nn.Sequential(
        nn.Conv2d(channels, wide, 3, padding=1),
        nn.ReLU(),
        nn.Depthwise(wide, 3, padding=1),
        nn.ReLU(),
        nn.Pointwise(wide, out),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(out * (rows // 2) * (columns // 2), classes, head),
    )


def catalogued(text: str, number: str, options: Options, sample: Shape, classes: int) -> nn.Layer:
    """Make a net of `tinycl.models.MODELS` with options."""
    name = text.partition(":")[0]
    model = model_of(name)
    if number and not model.width:
        raise TinyclError(f"net: {text}: {name} takes no sizes; leave {number} out")
    if number and model.width in options:
        raise TinyclError(f"net: {text}: {model.width} is said twice; say it once")
    said = dict(options) | ({model.width: number} if number else {})
    taken = [key for key in said if key in FROM_DATA and key in model.options]
    if taken:
        raise TinyclError(f"net: {text}: the data say what {taken[0]} is; leave it out")
    _known(text, said, [key for key in model.options if key not in FROM_DATA])
    if model.width in said:
        _check_width(text, said[model.width])
    _check_sample(text, name, sample, classes)
    given = dict(zip(FROM_DATA, (classes, *sample[:2]), strict=True))
    given = {key: value for key, value in given.items() if key in model.options}
    return model.make(**given, **read_options(name, said))


CATALOGUE = ("digits", "conv_net", "separable", "mobilenet_v1", "mobilenet_v2", "phinet")
OWN: dict[str, Callable[[str, str, Options, Shape, int], nn.Layer]] = {"mlp": mlp, "conv": conv}


def _split(text: str, rest: str) -> tuple[str, Options]:
    """Return the numbers of a net, and its options; what has no = goes on with a list."""
    numbers = ""
    options: dict[str, str] = {}
    for place, word in enumerate(rest.split(",") if rest else []):
        key, equals, value = (part.strip() for part in word.partition("="))
        if equals and key in options:
            raise TinyclError(f"net: {text}: {key} is said twice; say it once")
        if not key or (not value if equals else place and not options):
            raise TinyclError(
                f"net: cannot read the options of {text!r}; write them as in "
                "phinet:alpha=0.2,norm=batch"
            )
        if equals:
            options[key] = value
        elif options:
            options[list(options)[-1]] += f",{key}"
        else:
            numbers = key
    return numbers, options


def _known(text: str, options: Options, known: Sequence[str]) -> None:
    unknown = [key for key in options if key not in known]
    if unknown:
        raise TinyclError(
            f"net: {text}: there is no option {unknown[0]!r}; options: {', '.join(known)}"
        )


def _check_sample(text: str, name: str, sample: Shape, classes: int) -> None:
    """Raise TinyclError unless a net of the catalogue takes these samples."""
    if name == "digits" and (sample != models.digits.IMAGE or classes != 10):
        raise TinyclError(
            f"net: {text}: the digits' net takes images of {models.digits.IMAGE} in 10 classes; "
            f"the data have {sample} in {classes}. A net like it is conv:8-16"
        )
    if len(sample) != 3:
        raise TinyclError(f"net: {text}: takes images; the data have {sample}")
    if name == "conv_net" and (sample[1] != sample[2] or sample[1] < 16):
        raise TinyclError(
            f"net: {text}: takes square images of 16x16 and larger; the data have {sample}"
        )


def _sizes(text: str, numbers: str) -> list[int]:
    words = numbers.split("-")
    good = all(w.isascii() and w.isdecimal() and len(w) < 10 and int(w) > 0 for w in words)
    if not good or len(words) < 2:
        raise TinyclError(f"net: cannot read the sizes of {text!r}; write one such as {FORMS}")
    return [int(word) for word in words]


def _check_width(text: str, word: str) -> None:
    try:
        width = float(word)
    except ValueError:
        width = 0.0
    if not 0.05 <= width <= 16:
        raise TinyclError(f"net: cannot read the width of {text!r}; it is a number 0.05..16")
