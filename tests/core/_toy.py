"""A complete small environment that tests register and break."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gymnasium

from esreason import IllegalAction, PlanEnv, ReasoningEnv, Solution
from esreason.core import registry


class Count(PlanEnv[tuple[int, int], int]):
    """Count from one number to another by +1, +2 and -1."""

    levels = 3
    rules = "Reach the second number from the first."
    action_rule = "Write +1, +2 or -1."
    answer_rule = "Answer with all actions, for example +2 +1."
    STEPS = {"+1": 1, "+2": 2, "-1": -1}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        start = rng.randrange(10**6)
        return {"start": start, "goal": start + rng.randrange(2, 5 * level)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> tuple[int, int]:
        if set(payload) != {"start", "goal"} or any(type(value) is not int for value in payload.values()):
            raise ValueError('a payload is {"start": int, "goal": int}')
        if not 0 < payload["goal"] - payload["start"] < 100:
            raise ValueError("the goal is 1 to 99 above the start")
        return payload["start"], payload["goal"]

    @classmethod
    def _start(cls, instance: tuple[int, int]) -> int:
        return instance[0]

    @classmethod
    def _observe(cls, instance: tuple[int, int], state: int) -> str:
        return f"{state} to {instance[1]}"

    @classmethod
    def _apply(cls, instance: tuple[int, int], state: int, action: str) -> int:
        if action not in cls.STEPS:
            raise IllegalAction("It is none of +1, +2, -1.")
        return state + cls.STEPS[action]

    @classmethod
    def _goal(cls, instance: tuple[int, int], state: int) -> bool:
        return state == instance[1]

    @classmethod
    def _solve(cls, instance: tuple[int, int]) -> Solution:
        twos, ones = divmod(instance[1] - instance[0], 2)
        actions = ["+2"] * twos + ["+1"] * ones
        return Solution(" ".join(actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: tuple[int, int], state: int) -> list[str]:
        return list(cls.STEPS)

    @classmethod
    def _limit(cls, instance: tuple[int, int]) -> int:
        return 2 * (instance[1] - instance[0])


@contextmanager
def registered(cls: type[ReasoningEnv[Any, Any]] | None = None, name: str = "toy") -> Iterator[None]:
    """The registry as it is, with `cls` in it, and put back afterwards."""
    saved = dict(registry._envs), dict(registry._verifiers), dict(gymnasium.registry)
    try:
        if cls is not None:
            registry.register_env(name, summary="a toy")(cls)
        yield
    finally:
        for current, kept in zip((registry._envs, registry._verifiers, gymnasium.registry), saved, strict=True):
            current.clear()  # type: ignore[attr-defined]
            current.update(kept)  # type: ignore[attr-defined]


PYTHON = sys.executable
