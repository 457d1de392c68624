"""A C header: one array a tensor, in C11 and in C++."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinycl.bits import words
from tinycl.export.names import c_name, in_comment, unique_c_names
from tinycl.export.select import Item

WIDTH = 100
INDENT = "    "
LEAST = -(1 << 31)
HEAD = """\
/* {title}
 *
 * float32 as uint32_t bit patterns, values in comments; others as they are. Layout {layout}.
 * NAME_WORDS elements, NAME_RANK axes of lengths NAME_DIM0, ..., outermost first; NAME_CRC32 is
 * the CRC-32 of the elements, least significant byte first. What has no elements has no array.
 * Made by `tinycl export`. */
"""


def c_header(items: Sequence[Item], title: str, prefix: str = "", every: Sequence[str] = ()) -> str:
    """Return the text of a header.

    Parameters
    ----------
    items : sequence of Item
        All of one layout.
    title : str
        Stands in the first line, and gives the include guard.
    prefix : str
        Put before each name; the title's C name if left out.
    every : sequence of str
        Names of all tensors, if these are some of them: so names do not depend on the choice.
    """
    prefix = c_name(prefix or title)
    names = unique_c_names(every or [item.name for item in items], prefix)
    guard = f"{prefix.upper()}_H"
    layout = items[0].layout if items else "chw"
    parts = [HEAD.format(title=in_comment(title), layout=layout)]
    parts.append(f"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n")
    parts += ["".join(_tensor(item, names[item.name])) for item in items]
    parts.append("#endif\n")
    return "\n".join(parts)


def _tensor(item: Item, name: str) -> Iterator[str]:
    axes = " ".join(f"{a}={n}" for a, n in zip(item.axes, item.value.shape, strict=True))
    yield f"/* {in_comment(item.name)}: {axes or 'a scalar'} */\n"
    macro = name.upper()
    yield f"#define {macro}_RANK {item.value.ndim}\n"
    for axis, length in enumerate(item.value.shape):
        yield f"#define {macro}_DIM{axis} {length}\n"
    yield f"#define {macro}_WORDS {item.value.size}\n"
    yield f"#define {macro}_CRC32 UINT32_C(0x{item.crc32:08x})\n"
    if not item.value.size:  # C has no array without elements
        return
    whole = item.value.dtype != np.float32
    kind = f"{item.value.dtype}_t" if whole else "uint32_t"
    yield f"static const {kind} {name}[{item.value.size}] = {{\n"
    yield from _integers(item) if whole else _floats(item)
    yield "};\n"


def _integers(item: Item) -> Iterator[str]:
    line = INDENT
    for value in item.value.reshape(-1).tolist():
        text = f"{'INT32_MIN' if value == LEAST else value}, "
        if len(line) + len(text) - 1 > WIDTH:
            yield f"{line.rstrip()}\n"
            line = INDENT
        line += text
    yield f"{line.rstrip()}\n"


def _floats(item: Item) -> Iterator[str]:
    """Yield lines of patterns with their values in a comment at the end."""
    patterns, values = "", ""
    bits = words(item.value).reshape(-1).tolist()
    for word, number in zip(bits, item.value.reshape(-1), strict=True):
        pattern, value = f"0x{word:08x}, ", f"{number!s} "
        if len(INDENT + patterns + pattern + values + value) + len("/* */") > WIDTH:
            yield f"{INDENT}{patterns}/* {values}*/\n"
            patterns, values = "", ""
        patterns, values = patterns + pattern, values + value
    yield f"{INDENT}{patterns}/* {values}*/\n"
