"""A progress bar on stderr, where a person looks on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from esreason.leaderboard.replay import Progress, silent
from esreason.report.console import console


@contextmanager
def bar(name: str, quiet: bool) -> Iterator[Progress]:
    """A function of (done, total) that moves the bar; silent if `quiet` or in a pipe."""
    out = console(stderr=True)
    if quiet or not out.is_terminal:
        yield silent
        return
    from rich.progress import Progress as Bar

    with Bar(console=out, transient=True) as shown:
        task = shown.add_task(name, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
