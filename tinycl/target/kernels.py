"""The kernels of c_ref by name, and which of them each operation calls: read from its sources.

``python -m tinycl.target.kernels`` prints the header that makes them weak, for builds by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tinycl.errors import TargetError
from tinycl.ops import TABLE

PREFIX = "tinycl_"
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
_PROTOTYPE = re.compile(rf"^(?!static)\w[\w \t*]*\b({PREFIX}\w+)\([^;{{}}]*\);", re.M)
_FUNCTION = re.compile(r"^(\w[\w \t*]*)\b(\w+)\([^;{}]*\)\s*\{(.*?)^\}", re.M | re.S)
_NAME = re.compile(r"(?<!struct )\b[a-z_]\w*")

Place = tuple[str, str]  # file and function


def kernel_names(folder: Path) -> list[str]:
    """Return every function that the headers in ``include`` declare, sorted.

    Parameters
    ----------
    folder : Path
        c_ref.
    """
    texts = [_code(path) for path in sorted((folder / "include").glob("*.h"))]
    return sorted({name for text in texts for name in _PROTOTYPE.findall(text)})


def weak_h(folder: Path) -> str:
    """Return the header that lets a definition elsewhere take the place of the reference's.

    It declares what it names: clang warns of weak names that it never sees.
    """
    headers = sorted(path.name for path in (folder / "include").glob("*.h"))
    return "".join(f"#pragma weak {name}\n" for name in kernel_names(folder)) + "".join(
        f'#include "{name}"\n' for name in headers
    )


def kernels_of_operations(folder: Path) -> dict[str, frozenset[str]]:
    """Return the kernels that each operation calls, directly or through another.

    Raises
    ------
    TargetError
        An operation without a function `call_<operation>` in ``runner/calls_*.c``.
    """
    files = [*folder.glob("runner/calls_*.c"), *folder.glob("runner/*.h")]
    graph = _graph([*files, *folder.glob("src/*.[ch]"), *folder.glob("include/*.h")])
    shared = {name: (file, name) for (file, name), (static, _) in graph.items() if not static}
    names = set(kernel_names(folder))
    found = {}
    for kind in TABLE:
        begin = shared.get(f"call_{kind}")
        if begin is None:
            raise TargetError(f"{folder / 'runner'}: no calls_*.c defines call_{kind}")
        reached = {name for _, name in _reach(begin, graph, shared)}
        found[kind] = frozenset(reached & names)
    return found


def _code(path: Path) -> str:
    """Return a source without comments and directives."""
    return _DIRECTIVE.sub("", _COMMENT.sub(" ", path.read_text()))


def _graph(files: Iterable[Path]) -> dict[Place, tuple[bool, set[str]]]:
    """Return each function: whether only its own file sees it, and the names in its body."""
    found = {}
    for path in files:
        for begin, name, body in _FUNCTION.findall(_code(path)):
            static = begin.startswith("static") and path.suffix == ".c"
            found[str(path), name] = (static, set(_NAME.findall(body)))
    return found


def _reach(
    begin: Place,
    graph: Mapping[Place, tuple[bool, set[str]]],
    shared: Mapping[str, Place],
) -> Iterator[Place]:
    seen, left = {begin}, [begin]
    while left:
        place = left.pop()
        yield place
        for name in graph[place][1]:
            own = (place[0], name)
            called = own if own in graph else shared.get(name)
            if called is not None and called not in seen:
                seen.add(called)
                left.append(called)


if __name__ == "__main__":
    sys.stdout.write(weak_h(Path.cwd() if len(sys.argv) < 2 else Path(sys.argv[1])))
