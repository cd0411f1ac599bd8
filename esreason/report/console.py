"""The console that commands print to."""

from __future__ import annotations

import os
import sys

from rich.console import Console

TABLE = 80
"""Columns that tables are made for: in a narrower terminal it wraps their lines, which cuts no figure short."""


def console(stderr: bool = False, least: int = 0) -> Console:
    """A console as wide as the terminal, or `least`; plain and 80 columns wide (or COLUMNS) in a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 80
    made = Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)
    if made.width < least:
        made.width = least
    return made
