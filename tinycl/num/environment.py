"""A check that this thread's floating point is as the contract needs it.

A library built with ``-ffast-math`` sets flush-to-zero for the threads that start after it was
loaded, and a debugger or another library may leave another rounding mode behind.
"""

from __future__ import annotations

import numpy as np

from tinycl.errors import EnvironmentFault


def check_environment() -> None:
    """Check subnormals and rounding of the calling thread.

    Raises
    ------
    EnvironmentFault
        Subnormals become zero, or sums do not round to nearest even.
    """
    subnormal = np.array([1, 0x007FFFFF], np.uint32).view(np.float32)
    kept = (subnormal * np.float32(1)).view(np.uint32).tolist() == [1, 0x007FFFFF]
    halved = np.array([2.0**-126], np.float32) * np.float32(0.5)
    if not kept or halved.view(np.uint32)[0] != 0x00400000:
        raise EnvironmentFault(
            "floating point: this thread turns subnormal numbers into zeros. Some library in this "
            "process was built with -ffast-math; start without it, or run in a process of its own"
        )
    near = np.array([1, 1, -1, -1], np.float32)
    step = np.array([2.0**-24, 3 * 2.0**-24, -(2.0**-24), -3 * 2.0**-24], np.float32)
    expected = [0x3F800000, 0x3F800002, 0xBF800000, 0xBF800002]
    if (near + step).view(np.uint32).tolist() != expected:
        raise EnvironmentFault(
            "floating point: this thread does not round to nearest even; something in this process "
            "changed the rounding mode. Run in a process of its own"
        )
