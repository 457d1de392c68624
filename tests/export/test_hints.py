"""A dump that is whole and right, and read in the wrong order."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.export.goldens import goldens
from tinycl.bits import canonical, equal, words
from tinycl.export import Expected, misread, read_tensors
from tinycl.golden.layout import LAYOUTS, from_layout, layout_shape, leading_axes, to_layout
from tinycl.golden.schema import Golden


@given(golden=goldens(), data=st.data())
def test_the_way_that_would_be_right_is_named(golden: Golden, data) -> None:
    name = data.draw(st.sampled_from(sorted(golden.everything)))
    value, leading = golden.everything[name], leading_axes(golden.plan, name)
    expected = Expected.of_golden(golden)
    printed, read = (data.draw(st.sampled_from(LAYOUTS)) for _ in range(2))
    swapped = data.draw(st.booleans())
    flat = to_layout(canonical(value), printed, leading).reshape(-1)
    flat = flat.byteswap() if swapped else flat
    got = from_layout(flat.reshape(layout_shape(value.shape, read, leading)), read, leading)
    told = misread(expected, {name: got}, read)
    if equal(got, value):
        return
    assert set(told) == {name}
    if f"--layout {printed}" not in told[name]:  # one order, or equal in both
        both = [to_layout(value, layout, leading).reshape(-1) for layout in (printed, read)]
        assert equal(*both)
    assert swapped or "the bytes" not in told[name]


def test_of_another_value_nothing_is_said(tmp_path: Path, conv: Golden) -> None:
    expected = Expected.of_golden(conv)
    value = conv.tensors["output/y"].copy()
    value.flat[1] = np.pi
    path = tmp_path / "y.txt"
    path.write_text("\n".join(f"{w:08x}" for w in words(value).reshape(-1)))
    got = read_tensors(path, expected, "hwc", "y").values
    assert misread(expected, got, "hwc") == {}
