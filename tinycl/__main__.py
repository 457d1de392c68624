"""``python -m tinycl``: the command line."""

import sys

from tinycl.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
