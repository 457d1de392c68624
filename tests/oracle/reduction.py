"""One reduction: the terms of one output element, summed as the contract says.

A term is a tuple: (a, b) stands for a*b, (a,) for the value a, None for one that is skipped. A
partial sum is a float, or None while it has got nothing.
"""

import math


def reduce(operators, terms, bias=None):
    """Sum `terms` under the fields `reduction`, `start` and `bias`."""
    terms = list(terms)
    first = bias if operators.contract.bias == "start" else None
    kind, n = operators.contract.reduction.kind, operators.contract.reduction.n
    if kind == "sequential":
        total = partial_sum(operators, terms, first)
    elif kind == "lanes":
        lanes = [partial_sum(operators, terms[i::n], first if i == 0 else None) for i in range(n)]
        join = left if operators.contract.reduction.join == "left" else pairwise
        total = join(operators, lanes)
    elif kind == "grouped":
        total = grouped(operators, terms, n, first)
    else:
        size = n if kind == "blocks" else math.ceil(len(terms) / n)
        total = blocks(operators, terms, size, first)
    if total is None:
        total = 0.0
    if bias is not None and operators.contract.bias == "after":
        total = operators.add(total, bias)
    return total


def product(operators, term):
    """Return a term on its own, rounded."""
    return operators.mul(*term) if len(term) == 2 else operators.read(term[0])


def take(operators, total, term):
    """Return a running sum with one more term in it."""
    return operators.mac(*term, total) if len(term) == 2 else operators.add(total, term[0])


def partial_sum(operators, terms, first=None):
    """Sum terms that share one accumulator; it begins with `first`, or as `start` says."""
    total = None if first is None else operators.read(first)
    for term in terms:
        if term is None:
            continue
        if total is None:
            if operators.contract.start == "first_product":
                total = product(operators, term)
                continue
            total = 0.0
        total = take(operators, total, term)
    return total


def grouped(operators, terms, n, first=None):
    """Add the sum of each n terms, begun with its first product, to one accumulator."""
    total = None if first is None else operators.read(first)
    for i in range(0, len(terms), n):
        group = None
        for term in terms[i : i + n]:
            if term is None:
                continue
            group = product(operators, term) if group is None else take(operators, group, term)
        if group is None:
            continue
        if total is None and operators.contract.start == "first_product":
            total = group
        else:
            total = operators.add(0.0 if total is None else total, group)
    return total


def blocks(operators, terms, size, first=None):
    """Join the partial sums over blocks of `size` terms."""
    starts = range(0, max(len(terms), 1), max(size, 1))
    parts = [partial_sum(operators, terms[i : i + size], None if i else first) for i in starts]
    return left(operators, parts)


def both(operators, a, b):
    """Add two partial sums; one that got nothing is left out."""
    if a is None or b is None:
        return b if a is None else a
    return operators.add(a, b)


def left(operators, parts):
    """Join ((p0 + p1) + p2) + p3."""
    total = None
    for part in parts:
        total = both(operators, total, part)
    return total


def pairwise(operators, parts):
    """Join neighbours, then neighbours again; a last one without a neighbour passes through."""
    while len(parts) > 1:
        parts = [left(operators, parts[i : i + 2]) for i in range(0, len(parts), 2)]
    return parts[0]


def over_batch(operators, samples):
    """Reduce a weight or bias gradient; `samples` holds the terms of each sample."""
    if operators.contract.batch == "chain":
        return reduce(operators, [term for terms in samples for term in terms])
    total = None if operators.contract.start == "first_product" else 0.0
    for terms in samples:
        gradient = reduce(operators, terms)
        total = gradient if total is None else operators.add(total, gradient)
    return total
