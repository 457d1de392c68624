"""A few telling elements of one reduction, and what candidates make of them."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array, words
from tinycl.contract import DEFAULT
from tinycl.fast import call
from tinycl.fast.registry import scanner
from tinycl.fast.sums import ABSENT, PRODUCT, VALUE
from tinycl.infer.candidates import Rows
from tinycl.infer.observed import Observed
from tinycl.infer.terms import gather

ELEMENTS = 24
MOST_TERMS = 400_000  # of all elements of a sample together
CHUNK_TERMS = 4_000_000  # between two looks at the clock

Counts = NDArray[np.int64]
NOTHING = np.zeros((0, 0), np.int32)


def wrong_places(ours: Array, got: Array) -> Counts:
    """Return the row-major places at which two tensors have other bits."""
    return np.flatnonzero(words(ours).ravel() != words(got).ravel())


class Judge:
    """Some elements of one call's output, with their terms.

    Elements at which the default contract fails come first, then numbers before NaNs and zeros.
    """

    def __init__(self, seen: Observed) -> None:
        self.seen = seen
        got = seen.outputs[0]
        assert got is not None
        self.got = got
        ours = seen.under(DEFAULT)[0]
        assert ours is not None
        self.places = self._choose(ours)
        self._gather()

    def _choose(self, ours: Array) -> Counts:
        flat = self.got.ravel()
        wrong = wrong_places(ours, self.got)
        other = np.setdiff1d(np.arange(flat.size), wrong)
        telling = np.isfinite(flat[other]) & (flat[other] != 0)
        parts = (_spaced(wrong, ELEMENTS), _spaced(other[telling], ELEMENTS // 2))
        chosen = np.concatenate((*parts, _spaced(other[~telling], 4)))
        terms = gather(self.seen.kind, self.seen.inputs, self.seen.attrs, chosen[:1])
        return chosen[: max(2, min(ELEMENTS, MOST_TERMS // terms.total))]

    def _gather(self) -> None:
        """Put the terms into both orders, with what is outside the image as zeros or absent."""
        found = gather(self.seen.kind, self.seen.inputs, self.seen.attrs, self.places)
        self.total, self.each, self.batch = found.total, found.each, found.batch
        plain = found.b is None
        b = found.a if found.b is None else found.b
        multiplied = np.full(found.a.shape, VALUE if plain else PRODUCT, np.int32)
        kinds = (multiplied, np.where(found.inside, multiplied, ABSENT).astype(np.int32))
        a = np.where(found.inside, found.a, np.float32(0))
        orders = (np.arange(self.total), found.turned)
        self.a = np.stack([a[:, o] for _ in kinds for o in orders])
        self.b = np.stack([b[:, o] for _ in kinds for o in orders])
        self.kind = np.stack([k[:, o] for k in kinds for o in orders])
        self.with_bias = found.bias is not None
        bias = np.zeros(len(a), np.float32) if found.bias is None else found.bias
        self.bias = np.ascontiguousarray(bias, np.float32)
        self.wanted = np.ascontiguousarray(words(self.got).ravel()[self.places]).view(np.int32)

    def add(self, places: Counts) -> None:
        """Take more elements in, in front: those by which a candidate was found out."""
        kept = self.places[~np.isin(self.places, places)]
        self.places = np.concatenate((places, kept))
        self._gather()

    def scan(self, rows: Rows, deadline: float, most_wrong: int = 1) -> tuple[Counts, int]:
        """Count the elements that each candidate gives as they are.

        Parameters
        ----------
        rows : ndarray of int64, shape (C, WIDTH)
        deadline : float
            Of `time.monotonic`.
        most_wrong : int
            After so many others a candidate is left.

        Returns
        -------
        equal : ndarray of int64, shape (C,)
        tried : int
            So many from the front were judged before the time was over.
        """
        equal = np.zeros(len(rows), np.int64)
        chunk = max(64, CHUNK_TERMS // (self.total * most_wrong))
        for begin in range(0, len(rows), chunk):
            if begin and time.monotonic() > deadline:
                return equal, begin
            end = begin + chunk
            self._call(rows[begin:end], most_wrong, equal[begin:end], NOTHING)
        return equal, len(rows)

    def bits(self, rows: Rows) -> NDArray[np.int32]:
        """Return (C, E): the bits that each candidate gives."""
        out = np.zeros((len(rows), len(self.places)), np.int32)
        self._call(rows, len(self.places) + 1, np.zeros(len(rows), np.int64), out)
        return out

    def _call(self, rows: Rows, most: int, equal: Counts, out: NDArray[np.int32]) -> None:
        backward = self.seen.kind.endswith("input_grad")
        variant = rows[:, call.BY_WEIGHT if backward else call.SPATIAL] + 2 * rows[:, call.SKIP]
        scanner()(
            rows, variant, self.a, self.b, self.kind, self.bias, self.with_bias,
            self.each, self.batch, self.wanted, most, equal, out,
        )  # fmt: skip


def _spaced(places: Counts, most: int) -> Counts:
    """Return at most so many places, evenly over all."""
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).astype(np.int64)]
