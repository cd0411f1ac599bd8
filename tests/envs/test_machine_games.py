"""The small machines played step by step, beside games written from their rules alone: legality, end and reward."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from esreason.core.registry import AnyEnv, env_class
from esreason.core.task import Task
from esreason.core.verdict import Solution
from tests.envs._machine_games import GAMES
from tests.oracles import load

LEVELS, SEEDS, PLAYS = (1, 4, 7, 10), range(60, 63), 8
CUT = re.compile(r"\s*[,;\n]\s*|\s+(?=[1-9]-)")


def candidates(cls: type[AnyEnv], task: Task, solution: Solution, rng: random.Random) -> Iterator[str]:
    """Actions without end, many of them illegal: those of right and nearly right answers, and their fragments."""
    right = solution.actions
    near = iter(load(cls.name).mutations(dict(task.payload), solution.answer, rng))
    signs = "".join(right) + " 0123456789abcPQw[]=|+-?:;,()\n\t"
    while True:
        kind, action = rng.randrange(5), rng.choice(right)
        if kind == 0:
            text = next(near)
            yield rng.choice([text, *re.split(r"\s*[|+]\s*", text), *CUT.split(text), *text.split()])
        elif kind == 1:
            place = rng.randrange(len(action) + 1)
            yield action[:place] + rng.choice(signs) + action[place + rng.randrange(2) :]
        elif kind == 2:
            yield rng.choice([action.replace("=", " = "), action.upper(), f" {action}", action.replace(" ", "  ")])
        else:
            yield action


def play(cls: type[AnyEnv], task: Task, solution: Solution, rng: random.Random) -> int:
    """One episode beside the game; how many actions were compared."""
    legal, won, over = GAMES[cls.name]
    payload: dict[str, Any] = dict(task.payload)
    env, kept, refused = cls(level=task.level), list[str](), 0
    env.reset(options={"task": task})
    right, near, steady = iter(solution.actions), candidates(cls, task, solution, rng), rng.random()
    for count in range(1, 200):
        listed = env.legal_actions() or [next(near)]
        action = next(near) if rng.random() < 0.3 else rng.choice(listed)
        if rng.random() < steady:
            action = next(right, action)
        text = action.strip()
        expected = len(text) <= cls.action_chars and legal(payload, kept, text)
        _, reward, terminated, truncated, info = env.step(action)
        where = f"{task}: {action!r} after {kept}"
        assert (info["illegal"] == refused) is expected, where
        kept, refused = ([*kept, text], refused) if expected else (kept, refused + 1)
        ended = refused == cls.max_illegal or (expected and over(payload, kept))
        assert terminated is ended, where
        assert reward == (ended and refused < cls.max_illegal and won(payload, kept)), where
        if terminated or truncated:
            return count
    raise AssertionError("the episode has no end")


@pytest.mark.parametrize("name", GAMES)
def test_actions_are_judged_as_the_rules_say(name: str) -> None:
    cls = env_class(name)
    for level in LEVELS:
        for seed in SEEDS:
            task, rng = cls.make_task(seed, level), random.Random(f"{name} {level} {seed}")
            solution = cls.solve(task)
            assert sum(play(cls, task, solution, rng) for _ in range(PLAYS)) >= PLAYS
