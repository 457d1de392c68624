"""Threads that sleep between calls: each is woken, however they are scheduled."""

import subprocess
import sys

ROUNDS = """
import sys, time
import numpy as np
from tinycl.fast.crew import crew

program = np.zeros((0, 2), np.int64)
for cores in (2, 3, 8, 16):
    for round in range(400):
        crew(cores).run(program, 1)
        time.sleep(0.0002 * (round % 4))
print("done")
"""


def test_nobody_sleeps_through_a_call():
    """More threads than cores fall asleep at any moment; a call wakes all of them or hangs."""
    ran = subprocess.run(
        [sys.executable, "-c", ROUNDS], capture_output=True, text=True, timeout=120, check=True
    )
    assert ran.stdout == "done\n"
