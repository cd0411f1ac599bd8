"""What the transcript lines of a phase add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from esreason.core.errors import Unsolved
from esreason.core.registry import solve
from esreason.core.task import Task


@dataclass(slots=True)
class Played:
    """Scores, tokens and extra steps of the episodes so far."""

    scores: list[float] = field(default_factory=list)
    extra: list[int | None] = field(default_factory=list)
    tokens: int = 0
    tokens_out: int = 0

    @property
    def episodes(self) -> int:
        """How many there are."""
        return len(self.scores)

    def add(self, line: Mapping[str, Any], mode: str) -> None:
        """Take in a transcript line."""
        self.scores.append(float(line["verdict"]["score"]))
        self.extra.append(extra_steps(line, mode))
        self.tokens += int(line["tokens"])
        self.tokens_out += int(line["tokens_out"])

    def regret(self) -> dict[str, Any] | None:
        """See `regret`."""
        return regret(self.extra)


def extra_steps(line: Mapping[str, Any], mode: str) -> int | None:
    """The steps of a transcript line beyond the fewest that win its task.

    None unless the episode was won step by step and the solver has a plan that is known to be a shortest one.
    """
    if mode != "steps" or not line["verdict"]["passed"]:
        return None
    try:
        solution = solve(Task.from_dict(line["task"]))
    except Unsolved:
        return None
    return len(line["actions"]) - len(solution.actions) if solution.optimal else None


def regret(extra: Iterable[int | None]) -> dict[str, Any] | None:
    """The mean extra steps and the number of episodes that it is taken over; None if there are none."""
    known = [steps for steps in extra if steps is not None]
    return {"steps": sum(known) / len(known), "n": len(known)} if known else None
