"""What the transcript lines of a phase add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from esreason.core.errors import Unsolved
from esreason.core.registry import env_class, solve
from esreason.core.task import Task
from esreason.core.verdict import Solution


@dataclass(slots=True)
class Played:
    """Scores, tokens and what was lost by the episodes so far, in steps or by the metrics of their tasks."""

    scores: list[float] = field(default_factory=list)
    extra: list[int | None] = field(default_factory=list)
    dearer: list[float] = field(default_factory=list)
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
        dearer = extra_cost(line, mode)
        self.dearer += [] if dearer is None else [dearer]
        self.tokens += int(line["tokens"])
        self.tokens_out += int(line["tokens_out"])

    def regret(self) -> dict[str, Any] | None:
        """See `regret`; beside it, the mean extra cost and its episodes where tasks have a metric of their own."""
        steps = regret(self.extra)
        if not self.dearer:
            return steps
        return {**(steps or {}), "cost": sum(self.dearer) / len(self.dearer), "cost_n": len(self.dearer)}


def extra_steps(line: Mapping[str, Any], mode: str) -> int | None:
    """The steps of a transcript line beyond the fewest that win its task.

    None unless the episode was won step by step, the solver has a plan that is known to be a shortest one, and the task
    has no metric of its own.
    """
    best = _best(line) if mode == "steps" and line["verdict"]["passed"] else None
    return None if best is None or best.cost is not None else len(line["actions"]) - len(best.actions)


def extra_cost(line: Mapping[str, Any], mode: str) -> float | None:
    """What a transcript line cost beyond the least, by the metric of its task; None where it has none, and as above."""
    if mode != "steps" or not line["verdict"]["passed"]:
        return None
    task = Task.from_dict(line["task"])
    cost = env_class(task.env).cost_of(task, line["actions"])
    best = None if cost is None else _best(line)
    return None if cost is None or best is None or best.cost is None else cost - best.cost


def _best(line: Mapping[str, Any]) -> Solution | None:
    """The solution of a line's task, if it is known to be a best one."""
    try:
        solution = solve(Task.from_dict(line["task"]))
    except Unsolved:
        return None
    return solution if solution.optimal else None


def regret(extra: Iterable[int | None]) -> dict[str, Any] | None:
    """The mean extra steps and the number of episodes that it is taken over; None if there are none."""
    known = [steps for steps in extra if steps is not None]
    return {"steps": sum(known) / len(known), "n": len(known)} if known else None
