"""What a golden expects: every tensor, in order, in either layout."""

import zlib

import numpy as np

from tinycl.bits import words
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.trace import expected


def test_all_of_a_training_run() -> None:
    golden = make(catalogue()["training/mobile_accumulated_hard"])
    hashes = expected(golden)
    computed = [h for h in hashes if not h.optional]
    assert [h.key for h in computed] == [k for k in golden.tensors if k.startswith("trace/")]
    for h in computed:
        value = golden.tensors[h.key]
        assert (h.words, h.crc32) == (value.size, zlib.crc32(words(value).tobytes()))
    streams = [(h.step, h.crc32) for h in hashes if h.key == "input/x"]
    slices = golden.inputs["x"]
    assert [crc for _, crc in streams] == [zlib.crc32(words(s).tobytes()) for s in slices]
    assert len({step for step, _ in streams}) == len(slices)


def test_channels_last() -> None:
    golden = make(catalogue()["conv2d_forward/stride2_plain"])
    chw, hwc = expected(golden), expected(golden, "hwc")
    for a, b in zip(chw, hwc, strict=True):
        value = golden.everything[a.key]
        assert a.words == b.words
        if value.ndim == 4:
            turned = np.ascontiguousarray(value.transpose(0, 2, 3, 1))
            assert b.crc32 == zlib.crc32(words(turned).tobytes())
        else:
            assert a == b
