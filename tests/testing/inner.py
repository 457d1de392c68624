"""A pytest of its own in a folder, with the plugin."""

import os
import subprocess
import sys
from pathlib import Path

import tinycl

ROOT = Path(tinycl.__file__).parents[1]
PLUGIN = ("-p", "tinycl.testing.plugin")


def pytest_in(folder: Path, *args: str, env: dict[str, str] | None = None):
    """Run pytest in a folder; warnings are errors, as in the project's own suite."""
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:cacheprovider", "-W", "error"]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [*command, *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **(env or {})},
        capture_output=True,
        text=True,
        timeout=200,
    )
