"""Two players of an environment, an expert and one with a bad habit, and the positions that they teach."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.registry import AnyEnv, env_class
from esreason.rollout.judgement import question

Player = Callable[[type[AnyEnv], Any, Any], str]
"""(environment, instance, state) -> action."""
Grader = Callable[[Any], int]
"""An instance -> the grade of confidence, 0 to 9, with which an expert would face it."""

JUDGED = 0.25
"""The share of positions that ask for a grade of confidence, where an expert can give one."""
HABITUAL_GRADE = 9
"""A player with a bad habit is always sure."""


@dataclass(frozen=True, slots=True)
class Skill:
    """The players of an environment, functions of the observation alone.

    A habit is deterministic and wins by itself now and then, so that a model that mostly follows it starts low and
    has something to gain. Positions come from the levels in turn, and from the first `longest` steps.
    """

    expert: Player
    habit: Player
    grade: Grader | None = None
    levels: tuple[int, ...] = (1,)
    longest: int = 12


def position(name: str, skill: Skill, rng: random.Random) -> tuple[str, str, str]:
    """Observation, expert's action and habit's action somewhere in an episode of the training split."""
    env, seed = env_class(name), rng.randrange(2**40)
    instance = env.instance_of(env.make_task(seed, skill.levels[seed % len(skill.levels)], "train"))
    states = [env._start(instance)]
    if skill.grade is not None and rng.random() < JUDGED:
        asked = question("graded", env._observe(instance, states[0]))
        return asked, str(skill.grade(instance)), str(HABITUAL_GRADE)
    stray = rng.random() < 0.15  # one wrong turn, so that the expert also knows positions off the best way
    while True:
        state = states[-1]
        action = (skill.habit if stray and len(states) == 1 else skill.expert)(env, instance, state)
        try:
            state = env._apply(instance, state, action)
        except IllegalAction:
            break
        if env._done(instance, state) or len(states) > skill.longest:
            break
        states.append(state)
    state = rng.choice(states)
    return env._observe(instance, state), skill.expert(env, instance, state), skill.habit(env, instance, state)


def success(name: str, player: Player, episodes: int) -> float:
    """The mean score of a player's episodes on validation tasks of level 1."""
    env = env_class(name)(level=1, split="validation")
    won = 0.0
    for seed in range(episodes):
        env.reset(seed=seed)
        over = False
        while not over:
            _, reward, terminated, truncated, _ = env.step(player(type(env), env._instance, env._state))
            over = terminated or truncated
        won += reward
    return won / episodes
