"""Cases of replay memories, heads and synapses; entered into the table of `tests.ops.cases`."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.cases import SHAPES, TURN, case, labels, number, optional
from tests.ops.sparse_cases import ROWS
from tinycl.testing.strategies import arrays


def u8(draw, *shape):
    """Draw bytes."""
    size = int(np.prod(shape))
    return np.frombuffer(draw(st.binary(min_size=size, max_size=size)), np.uint8).reshape(shape)


def i32(draw, *shape):
    """Draw any int32."""
    size = int(np.prod(shape))
    whole = st.integers(-(2**31), 2**31 - 1)
    return np.array(draw(st.lists(whole, min_size=size, max_size=size)), np.int32).reshape(shape)


def places(draw, k, rows):
    """Draw a list (1, k) of rows; -1 is none."""
    return labels(draw, k, rows + 1)[None] - np.int32(1)


@case("gather_bytes", "gather_labels", "put_bytes", "put_labels", "put_rows")
def rows(draw, name):
    n, k, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 9))
    make = u8 if name.endswith("bytes") else i32
    behind = (columns,) if make is u8 else ()
    if name.startswith("gather"):
        return (make(draw, n, *behind), labels(draw, k, n)[None]), {}
    if name == "put_rows":
        behind = draw(ROWS)[1:]
        return (draw(arrays((n, *behind))), draw(arrays((k, *behind))), places(draw, k, n)), {}
    return (make(draw, n, *behind), make(draw, k, *behind), places(draw, k, n)), {}


@case("concat_rows", "concat_labels")
def behind_each_other(draw, name):
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    if name == "concat_labels":
        return (i32(draw, n), i32(draw, m)), {}
    behind = draw(ROWS)[1:]
    return (draw(arrays((n, *behind))), draw(arrays((m, *behind)))), {}


@case("turn_places", "take_turn")
def turns(draw, name):
    count = {"count": draw(st.integers(1, 20))}
    if name == "turn_places":
        return (draw(TURN),), count
    return (i32(draw, draw(st.integers(1, 9))), draw(TURN)), count


# Steps of a few levels for what `arrays` draws, zeros, NaN and anything else.
def scale(draw):
    """Draw a scale: at times one of which levels are halves."""
    usual = st.sampled_from((0.0, -0.0, 0.25, 2.0, 1 / 255)).map(lambda s: np.float32([s]))
    return draw(st.one_of(usual, arrays((1,))))


@case("quantise_latents", "dequantise_latents", "latent_scale", "largest")
def latents(draw, name):
    bits = {"bits": draw(st.integers(4, 8))}
    if name == "latent_scale":
        return (draw(arrays((1,))),), bits
    n, *image = (draw(st.integers(1, 3)) for _ in range(4))
    image[2] = draw(st.integers(1, 9))
    if name == "dequantise_latents":
        width = -(-int(np.prod(image)) * bits["bits"] // 8)
        return (u8(draw, n, width), scale(draw)), {**bits, "image": tuple(image)}
    x = draw(arrays((n, *image)))
    if name == "largest":
        return (x, scale(draw)), {}
    if draw(st.booleans()):  # levels and a half, times the scale
        x = (draw(arrays((n, *image), hard=False)) * np.float32(40)).round() / np.float32(8)
    return (x, scale(draw)), bits


@case("random_places", "reservoir_places", "balanced_places")
def new_places(draw, name):
    attrs = {k: draw(st.integers(0, 2**31 - 1)) for k in ("seed", "stream")}
    turn, count, slots = optional(draw, TURN), draw(st.integers(1, 20)), draw(st.integers(1, 12))
    if name == "reservoir_places":
        seen = draw(st.one_of(st.integers(0, 20), st.just(2**31 - 1 - count)))
        return (turn,), {**attrs, "slots": slots, "seen": seen, "count": count}
    filled = draw(st.integers(0, slots))
    if name == "random_places":
        stored = draw(st.integers(0, min(slots, count)))
        attrs |= {"slots": slots, "filled": filled, "stored": stored, "count": count}
        return (turn,), attrs
    classes = draw(st.integers(1, 4))
    kept = places(draw, slots, classes)[0]
    return (kept, labels(draw, count, classes), turn), {
        **attrs,
        "filled": filled,
        "classes": classes,
    }


# Numbers of samples: none, few, ones that binary32 does not hold, and wrong ones.
AMOUNTS = st.sampled_from((0, 0, 1, 2, 3, 7, 2**24 + 1, 2**31 - 1, -1))


@case("class_counts", "load_head", "consolidate_head")
def heads(draw, name):
    classes, features = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    if name == "class_counts":
        held = st.lists(st.integers(-1, classes - 1), min_size=1, max_size=9)
        return (np.array(draw(held), np.int32),), {"classes": classes}
    amounts = st.lists(AMOUNTS, min_size=classes, max_size=classes)
    counts, past = (np.array(draw(amounts), np.int32) for _ in range(2))
    saved, w = draw(arrays((classes, features))), draw(arrays((classes, features)))
    return ((saved, counts) if name == "load_head" else (saved, past, w, counts)), {}


@case("synaptic_path", "synaptic_importance", "synaptic_pull")
def synapses(draw, name):
    shape = draw(SHAPES)
    tensors = tuple(draw(arrays(shape)) for _ in range(4))
    usual = {
        "synaptic_path": {},
        "synaptic_importance": {"factor": (1.0, 0.5), "eps": (1e-7, 0.0), "clip": (1e-3, 1.0)},
        "synaptic_pull": {"strength": (1.0, 0.0)},
    }
    return tensors, {k: number(draw, *values) for k, values in usual[name].items()}
