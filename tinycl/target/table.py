"""The table of operations as the C runner reads it: operations.inc.

``python -m tinycl.target.table`` prints it, for builds by hand.
"""

from __future__ import annotations

import functools
import sys
import zlib

from tinycl.ops import TABLE


@functools.cache
def codes() -> dict[str, int]:
    """Return the code of each operation: its place among the sorted names."""
    return {name: code for code, name in enumerate(sorted(TABLE))}


def _lines() -> str:
    rows = [TABLE[name] for name in sorted(TABLE)]
    return "".join(
        f"OPERATION({code}, {row.name}, {len(row.inputs)}, {len(row.outputs)}, "
        f"{sum(attr.count for attr in row.attrs)})\n"
        for code, row in enumerate(rows)
    )


@functools.cache
def checksum() -> int:
    """Return the CRC-32 of the rows. Each request carries it, so that a stale runner is refused."""
    return zlib.crc32(_lines().encode())


def operations_inc() -> str:
    """Return the text of operations.inc."""
    return f"#define OPERATIONS_CRC UINT32_C({checksum():#010x})\n{_lines()}"


if __name__ == "__main__":
    sys.stdout.write(operations_inc())
