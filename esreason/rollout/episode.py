"""One played episode, as it travels between processes and into a transcript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from esreason.core.task import Task


@dataclass(frozen=True, slots=True)
class Episode:
    """Everything that happened: `observations` has one entry more than `actions` and `rewards`."""

    task: Task
    observations: tuple[str, ...]
    actions: tuple[str, ...]
    rewards: tuple[float, ...]
    verdict: dict[str, Any]
    tokens_in: int
    tokens_out: int
    prompt_sha256: str

    @property
    def score(self) -> float:
        """The reward of the whole episode."""
        return float(self.verdict["score"])

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.tokens_in + self.tokens_out
