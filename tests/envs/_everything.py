"""Which environments the shared tests run over, and how they walk through them."""

from __future__ import annotations

import random
from typing import Any

from esreason import list_envs
from esreason.core.env import ReasoningEnv
from esreason.core.registry import env_class

AnyEnv = ReasoningEnv[Any, Any]

NAMES = [info.name for info in list_envs() if info.origin == "esreason"]
IDS = {info.name: info.id for info in list_envs()}


def three_levels(name: str) -> list[int]:
    """The lowest, the middle and the highest level."""
    levels = env_class(name).levels
    return sorted({1, (levels + 1) // 2, levels})


def started(name: str, seed: int = 0, level: int = 1, **kwargs: Any) -> AnyEnv:
    """A bare environment at the first observation of a task."""
    env: AnyEnv = env_class(name)(level=level, **kwargs)
    env.reset(seed=seed)
    return env


def play(env: AnyEnv, actions: list[str]) -> list[Any]:
    """What the environment answers to these actions, up to the end of the episode."""
    results: list[Any] = []
    for action in actions:
        results.append(env.step(action))
        if results[-1][2] or results[-1][3]:
            break
    return results


def random_action(env: AnyEnv, rng: random.Random) -> str:
    """A legal action where they are listed, else one of the solver's actions for the task."""
    legal = env.legal_actions()
    return rng.choice(legal) if legal else rng.choice(env.solve(env.task).actions)
