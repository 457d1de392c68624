"""Philox4x32-10 (Salmon et al., 2011), uniforms and shuffles, one word at a time."""

import numpy as np

MASK = 2**32 - 1
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
KEY_STEPS = 0x9E3779B9, 0xBB67AE85


def word(seed, stream, i):
    """Return word i of a stream."""
    block, lane = divmod(i, 4)
    counter = [block & MASK, block >> 32, stream & MASK, stream >> 32]
    key = [seed & MASK, seed >> 32]
    for _ in range(10):
        p0, p1 = counter[0] * MULTIPLIERS[0], counter[2] * MULTIPLIERS[1]
        counter = [
            (p1 >> 32) ^ counter[1] ^ key[0],
            p1 & MASK,
            (p0 >> 32) ^ counter[3] ^ key[1],
            p0 & MASK,
        ]
        key = [(k + step) & MASK for k, step in zip(key, KEY_STEPS, strict=True)]
    return counter[lane]


def bounded(seed, stream, i, bound):
    """Return bounded integer i, from 0 to bound - 1."""
    u = word(seed, stream, 2 * i) | word(seed, stream, 2 * i + 1) << 32
    return (u * bound) >> 64


def stream_at(tensors, attrs):
    """Return the stream, moved on by the turn if there is one."""
    turn = tensors[0] if tensors else None
    return attrs["stream"] + (0 if turn is None else int(turn[0]) % 2**32)


def random_words(tensors, attrs, contract):
    seed, start, count = (attrs[k] for k in ("seed", "start", "count"))
    stream = stream_at(tensors, attrs)
    words = [word(seed, stream, i) for i in range(start, start + count)]
    return (np.array(words, np.uint32).view(np.int32),)


def random_uniform(tensors, attrs, contract):
    (words,) = random_words(tensors, attrs, contract)
    return (np.array([(w >> 8) * 2.0**-24 for w in words.view(np.uint32).tolist()], np.float32),)


def random_permutation(tensors, attrs, contract):
    seed, stream, count = attrs["seed"], stream_at(tensors, attrs), attrs["count"]
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = bounded(seed, stream, i, i + 1)
        order[i], order[j] = order[j], order[i]
    return (np.array(order, np.int32),)


def next_turn(tensors, attrs, contract):
    after = (int(tensors[0][0]) + 1) % 2**32
    return (np.array([after], np.uint32).view(np.int32),)


OPERATIONS = {f.__name__: f for f in (random_words, random_uniform, random_permutation, next_turn)}
