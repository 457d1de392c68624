"""Which kernels a library exports, and what it says of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinycl.errors import TargetError
from tinycl.validate.about import About
from tinycl.validate.client import Client, Crash, Hang
from tinycl.validate.table import KERNELS


def exported(client: Client, library: Path, only: Sequence[str] = ()) -> dict[str, About]:
    """Return the kernels to validate.

    Parameters
    ----------
    client : Client
    library : Path
        For messages.
    only : sequence of str
        Names, with or without ``validate_`` or ``tinycl_``; all that are exported if empty.

    Raises
    ------
    TargetError
        None is exported, or one that was named is not.
    """
    if not library.is_file():
        raise TargetError(f"validate: {library}: there is no such library")
    try:
        found = client.find([kernel.symbol for kernel in KERNELS.values()])
    except (Crash, Hang) as error:
        raise TargetError(f"validate: {library} cannot be loaded: {error}") from error
    there = {
        name: About.read(name, found[kernel.symbol])
        for name, kernel in KERNELS.items()
        if kernel.symbol in found
    }
    if not there:
        raise TargetError(
            f"validate: {library} exports no function of tinycl_validate.h, such as "
            "validate_conv2d_forward; C files with kernels of tinycl.h go to --kernels"
        )
    names = [name.removeprefix("validate_").removeprefix("tinycl_") for name in only]
    for name in names:
        if name not in there:
            raise TargetError(
                f"validate: {library} exports no kernel {name!r}; it has {', '.join(there)}"
            )
    return {name: about for name, about in there.items() if not names or name in names}
