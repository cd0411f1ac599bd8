"""What a player is asked about a task before it plays it, and how its reply is read (ESMA, arXiv:2602.02605)."""

from __future__ import annotations

import re
from typing import Any

JUDGEMENTS = ("none", "yes-no", "graded")
"""Whether a judgement is asked for: not, in the published form, or as a grade of confidence."""

TOP = 9
"""The highest grade."""

_QUESTIONS = {
    "yes-no": "Do you know how to solve this? Reply yes or no.",
    "graded": f"How sure are you that you will solve this, from 0 to {TOP}? Reply with one digit.",
}
_DIGIT = re.compile("[0-9]")


def question(kind: str, observation: str) -> str:
    """The meta prompt about a task's first observation; it shows nothing that the direct prompt will not."""
    return f"{observation}\n{_QUESTIONS[kind]}"


def read(kind: str, reply: str) -> float:
    """The confidence in [0, 1] that a reply expresses; a reply that expresses none counts as 0.

    yes-no: whether "yes" occurs in it, as published; graded: its first digit out of 9.
    """
    if kind == "yes-no":
        return float("yes" in reply.lower())
    found = _DIGIT.search(reply)
    return int(found.group()) / TOP if found else 0.0


def judged(kind: str, line: dict[str, Any]) -> tuple[bool, float]:
    """Whether a transcript line's episode was right, and the confidence expressed before it."""
    return bool(line["verdict"]["passed"]), read(kind, line["actions"][0])


def without_judgement(kind: str, line: dict[str, Any]) -> dict[str, Any]:
    """A transcript line as if nothing had been asked before the task."""
    if kind == "none":
        return line
    return {**line, **{name: line[name][1:] for name in ("observations", "actions", "rewards")}}
