"""Players without a model: the solver, random legal play, and the empty answer."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence

from esreason.core.env import Mode
from esreason.core.errors import UnknownNameError
from esreason.core.registry import AnyEnv, env_class
from esreason.core.seeding import stream
from esreason.core.task import Task
from esreason.rollout.episode import Episode

Player = Callable[[AnyEnv, Task, random.Random], list[str] | None]
"""What to play in the whole episode, or None to be asked for one random legal action a step."""


def _solver(env: AnyEnv, task: Task, rng: random.Random) -> list[str] | None:
    solution = env.solve(task)
    return [solution.answer] if env.mode == "answer" else solution.actions


def _empty(env: AnyEnv, task: Task, rng: random.Random) -> list[str] | None:
    return [""] * env.limit_of(task)


def _random(env: AnyEnv, task: Task, rng: random.Random) -> list[str] | None:
    return None


PLAYERS: dict[str, Player] = {"solver": _solver, "random": _random, "empty": _empty}


def play(policy: str, tasks: Sequence[Task], level: int, mode: Mode) -> list[Episode]:
    """The episodes of a scripted player; random draws are a function of the task."""
    if policy not in PLAYERS:
        raise UnknownNameError("scripted player", policy, PLAYERS)
    env = env_class(tasks[0].env)(level=level, mode=mode)
    return [_episode(env, task, policy) for task in tasks]


def _episode(env: AnyEnv, task: Task, policy: str) -> Episode:
    rng = stream("player", policy, task.env, task.split, task.seed)
    observation, _ = env.reset(options={"task": task})
    plan = PLAYERS[policy](env, task, rng)
    observations, actions, rewards = [observation], list[str](), list[float]()
    over = False
    while not over:
        actions.append(plan[len(actions)] if plan is not None else _legal(env, task, rng))
        observation, reward, terminated, truncated, _ = env.step(actions[-1])
        observations.append(observation)
        rewards.append(reward)
        over = terminated or truncated
    assert env.verdict is not None
    return Episode(
        task,
        tuple(observations),
        tuple(actions),
        tuple(rewards),
        env.verdict.to_dict(),
        0,
        0,
        hashlib.sha256().hexdigest(),
    )


def _legal(env: AnyEnv, task: Task, rng: random.Random) -> str:
    """A random legal action; where none are listed or a whole answer is due, one of another task's."""
    legal = env.legal_actions()
    if legal:
        return rng.choice(legal)
    other = env.solve(env.make_task(rng.randrange(2**32), max(1, task.level), "train"))
    return other.answer if env.mode == "answer" or not other.actions else rng.choice(other.actions)
