"""How far a run is: its validations, its level, and whether it still gets better; a function of the seed log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from esreason.es.config import RunConfig


class Progress:
    """Takes in the lines of a seed log one by one, whether they are being written or read again."""

    def __init__(self, config: RunConfig, base: float) -> None:
        self.config = config
        self.curve: list[tuple[int, float]] = [(0, base)]
        """(checkpoint, validation on the tested level); the base is checkpoint 0."""
        self.level = config.first_level
        self.fruitless = 0
        """Validations since the last that was the best so far or passed a level."""

    def add(self, lines: Iterable[Mapping[str, Any]]) -> Progress:
        """Take in lines of the seed log."""
        for line in lines:
            if line["validation"] is not None:
                self._validated(line["iteration"] + 1, line["validation"], line.get("mastery"))
        return self

    def _validated(self, checkpoint: int, validation: float, mastery: float | None) -> None:
        level = self.config.levels.next(self.level, mastery) if self.config.levels else self.level
        better = validation > max(value for _, value in self.curve)
        self.fruitless = 0 if better or level > self.level else self.fruitless + 1
        self.curve.append((checkpoint, validation))
        self.level = level

    @property
    def exhausted(self) -> bool:
        """Whether the patience of the run is at its end."""
        return 0 < self.config.patience <= self.fruitless

    @property
    def best(self) -> int:
        """The checkpoint of the best validation, the first of equals."""
        return max(self.curve, key=lambda point: point[1])[0]
