"""The console that commands print to."""

from __future__ import annotations

import os
import sys

from rich.console import Console


def console(stderr: bool = False) -> Console:
    """A console as wide as the terminal; plain and 80 columns wide (or COLUMNS) in a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 80
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)
