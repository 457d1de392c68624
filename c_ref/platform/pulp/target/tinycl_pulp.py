"""GVSoC's board `pulp-open` with a plain memory behind the port of the chip's external memory.

GVSoC runs this file: ``gvsoc --target=tinycl_pulp --target-dir=FOLDER ...``. The simulator has its
models already, so nothing is rebuilt.
"""

import gvsoc.runner
from memory.memory import Memory
from pulp.chips.pulp_open.pulp_open_board import Pulp_open_board

BYTES = 64 << 20  # platform/pulp/memory.c has the same number
LATENCY = 10  # cycles of the memory itself; the way there takes as many again


class Board(Pulp_open_board):
    """The board; the memory appears at 0x80000000."""

    def __init__(self, parent, name, parser, options):
        super().__init__(parent, name, parser, options)
        chip = self.get_component("chip")
        memory = Memory(chip, "external", size=BYTES, latency=LATENCY)
        chip.bind(chip.get_component("soc_clock_domain"), "out", memory, "clock")
        chip.bind(chip.get_component("soc"), "ddr", memory, "input")


class Target(gvsoc.runner.Target):
    """What `--target` names."""

    gapy_description = "pulp-open with 64 MiB of external memory"
    model = Board
    name = "tinycl_pulp"

    def __init__(self, parser, options=None, name=None):
        super().__init__(parser, options, model=Board, name=name)
