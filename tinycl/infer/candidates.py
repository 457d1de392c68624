"""Contracts to try, as rows of numbers: likely ones first.

A row holds the words MAC .. PER_SAMPLE of `tinycl.fast.call`, then whether survivors keep the
order of the heap.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import Contract, Reduction
from tinycl.fast import call
from tinycl.fast.sums import BLOCKS, GROUPED, LANES, SEQUENTIAL, SPLIT

Rows = NDArray[np.int64]

MACS = ("fma", "mul_add", "fma_via_double")
KINDS = ("sequential", "lanes", "grouped", "blocks", "split")
HEAP = call.PER_SAMPLE + 1
WIDTH = HEAP + 1
FLAGS = {
    "subnormals": (call.FLUSH, "keep", "flush"),
    "taps": (call.SPATIAL, "channel_major", "spatial_major"),
    "input_grad_taps": (call.BY_WEIGHT, "by_output", "by_weight"),
    "padding": (call.SKIP, "multiply", "skip"),
    "batch": (call.PER_SAMPLE, "chain", "per_sample"),
    "selection_order": (HEAP, "ascending", "heap"),
}
USUAL = (2, 4, 8, 16)
MOST_CORES = 16
EVERY_UP_TO = 34


_COLUMNS = {
    "mac": (call.MAC,),
    "reduction": (call.REDUCTION, call.SIZE, call.PAIRWISE),
    "start": (call.FIRST,),
    "bias": (call.BIAS_FIRST,),
}


def columns_of(field: str) -> list[int]:
    """Return the columns of a row that hold a field of the contract."""
    return list(_COLUMNS.get(field) or (FLAGS[field][0],))


def contract_of(row: Rows) -> Contract:
    """Return the contract that a row stands for."""
    kind = KINDS[row[call.REDUCTION]]
    join = ("pairwise" if row[call.PAIRWISE] else "left") if kind == "lanes" else ""
    return Contract(
        mac=MACS[row[call.MAC]],
        reduction=Reduction(kind, int(row[call.SIZE]), join),
        start="first_product" if row[call.FIRST] else "zero",
        bias="start" if row[call.BIAS_FIRST] else "after",
        **{name: words[row[at]] for name, (at, *words) in FLAGS.items()},
    )


def row_of(contract: Contract) -> Rows:
    """Return the row of a contract."""
    row = np.zeros(WIDTH, np.int64)
    reduction = contract.reduction
    row[call.MAC] = MACS.index(contract.mac)
    row[call.REDUCTION], row[call.SIZE] = KINDS.index(reduction.kind), reduction.n
    row[call.PAIRWISE] = reduction.join == "pairwise"
    row[call.FIRST] = contract.start == "first_product"
    row[call.BIAS_FIRST] = contract.bias == "start"
    for name, (at, _, other) in FLAGS.items():
        row[at] = getattr(contract, name) == other
    return row


def is_usual(reduction: Reduction) -> bool:
    """Tell whether a kernel's author would choose that number without a reason in the shapes."""
    return reduction.n in (0, *USUAL) or (reduction.kind == "split" and reduction.n <= MOST_CORES)


def likely_numbers(totals: Iterable[int], hints: Iterable[int]) -> list[int]:
    """Return numbers of lanes, or terms a block, that a kernel is likely to have.

    Parameters
    ----------
    totals : iterable of int
        T of each reduction that was seen.
    hints : iterable of int
        Lengths of axes.
    """
    totals = list(totals)
    most = max(totals, default=1)
    found = {*range(1, min(EVERY_UP_TO, most) + 1), *(2**k for k in range(most.bit_length()))}
    found.update(range(EVERY_UP_TO, 130, 4))
    for length in {*hints, *totals}:
        found.update(k * length for k in (1, 2, 4, 8))
        found.update(-(-length // k) for k in (*range(2, 17), 32, 64))
    return sorted(n for n in found if 1 <= n <= most)


def reductions(numbers: Iterable[int], totals: Iterable[int]) -> Rows:
    """Return (R, 4): kind, number, pairwise, cost of each way to share the terms.

    Lanes beyond the terms never begin, and with up to three a tree is the chain. ``split``
    into more than `MOST_CORES` is left out where all reductions are equally long: it is blocks.
    """
    totals = set(totals)
    most = max(totals, default=1)
    found: list[tuple[int, int, int, int]] = [(SEQUENTIAL, 0, 0, 0)]
    for n in numbers:
        cost = 1 if n in USUAL else 2 if n <= EVERY_UP_TO else 3
        if 2 <= n <= most:
            found.append((LANES, n, 0, cost))
            if n > 3:
                found.append((LANES, n, 1, cost))
        if n >= 2 and (len(totals) > 1 or n <= MOST_CORES):
            found.append((SPLIT, n, 0, cost))
        if n < most:
            found.append((BLOCKS, n, 0, cost))
        found.append((GROUPED, n, 0, cost))
    return np.array(found, np.int64)


def candidates(fields: frozenset[str], shared: Rows) -> Rows:
    """Return every contract over some fields and reductions, likely ones first.

    Parameters
    ----------
    fields : frozenset of str
        Those that vary; the others keep their default.
    shared : ndarray of int64, shape (R, 4)
        What `reductions` returns.

    Returns
    -------
    ndarray of int64, shape (C, WIDTH)
    """
    pairs = [(0, 0)]
    pairs += [(1, 0)] if "start" in fields else []
    pairs += [(0, 1)] if "bias" in fields else []
    macs = range(len(MACS)) if "mac" in fields else (0,)
    flags = [name for name in FLAGS if name in fields]
    if "reduction" not in fields:
        shared = shared[:1]
    blocks, costs = [], []
    for mac, (first, early), bits in itertools.product(
        macs, pairs, itertools.product((0, 1), repeat=len(flags))
    ):
        block = np.zeros((len(shared), WIDTH), np.int64)
        block[:, [call.REDUCTION, call.SIZE, call.PAIRWISE]] = shared[:, :3]
        block[:, [call.MAC, call.FIRST, call.BIAS_FIRST]] = mac, first, early
        for name, bit in zip(flags, bits, strict=True):
            block[:, FLAGS[name][0]] = bit
        blocks.append(block)
        costs.append(shared[:, 3] + (mac > 0) + first + early + sum(bits))
    rows, cost = np.concatenate(blocks), np.concatenate(costs)
    return rows[np.argsort(cost, kind="stable")]
