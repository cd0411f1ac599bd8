"""Watching a run in the terminal: a picture that is drawn anew, or plain lines."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live

from esreason.report.episode import visible
from esreason.report.view import View, line, screen


class Played(Protocol):
    """The part of an episode that is shown."""

    @property
    def observations(self) -> tuple[str, ...]: ...
    @property
    def actions(self) -> tuple[str, ...]: ...


class Happened(Protocol):
    """An event of a run."""

    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> dict[str, Any]: ...
    @property
    def episode(self) -> Played | None: ...


class Watch:
    """A listener that draws on a terminal and prints lines elsewhere; `quiet` does neither."""

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._console, self._quiet = console, quiet
        self._view, self._began = View(), time.monotonic()
        self._live: Live | None = None
        if not quiet and console.is_terminal and not console.is_dumb_terminal:
            self._live = Live(console=console, get_renderable=self._draw, refresh_per_second=4, transient=True)

    def _draw(self) -> Any:
        return screen(self._view, time.monotonic() - self._began, self._console.width)

    def __enter__(self) -> Watch:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, event: Happened) -> None:
        """Take in an event."""
        episode = event.episode
        self._view.note(
            event.kind, event.data, episode.observations if episode else (), episode.actions if episode else ()
        )
        text = line(event.kind, event.data)
        if text and not self._quiet and (self._live is None or event.kind in ("start", "scored", "sigma", "stop")):
            self._console.print(visible(text), markup=False, soft_wrap=True)
