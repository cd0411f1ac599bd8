"""What a run tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from esreason.rollout.episode import Episode


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `kind`, how much of it is done, and what was measured.

    Kinds: `start` (facts), `score` (phase, done, total), `scored` (phase, summary), `probe` (sigma, mean, spread),
    `sigma` (sigma, alpha), `iteration` (metrics, and an episode of the best member), `stop` (reason).
    """

    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    episode: Episode | None = None


Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """The listener that does nothing."""
