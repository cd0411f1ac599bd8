"""What a verifier says of an answer, and what a solver says of a task."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement: `score` in [0, 1], `passed` exactly when the score is 1, one sentence, the answer as read.

    `parsed` is None when the answer could not be read at all.
    """

    score: float
    passed: bool
    reason: str
    parsed: Any = None

    def __post_init__(self) -> None:
        if not (isinstance(self.score, float) and 0.0 <= self.score <= 1.0):
            raise ValueError(f"a score is a float in [0, 1], not {self.score!r}")
        if self.passed != (self.score == 1.0):
            raise ValueError(f"passed means score 1.0, but the score is {self.score}")

    def to_dict(self) -> dict[str, Any]:
        """The part that transcripts keep."""
        return {"score": self.score, "passed": self.passed, "reason": self.reason}


def accept(parsed: Any, reason: str = "The answer is right.") -> Verdict:
    """The verdict on a right answer."""
    return Verdict(1.0, True, reason, parsed)


def reject(reason: str, parsed: Any = None) -> Verdict:
    """The verdict on a wrong or unreadable answer."""
    return Verdict(0.0, False, reason, parsed)


def as_verdict(value: object) -> Verdict:
    """What a registered verifier returned, made a Verdict; anything unusable scores 0 and says why."""
    if isinstance(value, Verdict):
        return value
    if isinstance(value, bool):
        return accept(None) if value else reject("The verifier said no.")
    if isinstance(value, float):
        if math.isnan(value) or not 0.0 <= value <= 1.0:
            return reject(f"The verifier returned {value!r}, which is not a score between 0 and 1.")
        return Verdict(value, value == 1.0, f"The verifier gave {value:g}.", None)
    return reject(f"The verifier returned a {type(value).__name__} instead of a Verdict, a bool or a float.")


@dataclass(frozen=True, slots=True)
class Solution:
    """A right answer, and a winning sequence of actions (`optimal`: none is better, that is shorter).

    Where a task has a metric of its own, `cost` is what this says of the actions, and better is cheaper.
    """

    answer: str
    actions: list[str] = field(default_factory=list)
    optimal: bool = False
    cost: float | None = None
