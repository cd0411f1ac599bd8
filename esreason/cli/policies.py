"""Playing whatever `--policy` names."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from esreason.core.env import Mode
from esreason.core.errors import UsageError
from esreason.core.task import Task
from esreason.es.config import RunConfig
from esreason.es.executor import Executor
from esreason.es.noise import CENTRE, Member
from esreason.models import BUNDLED
from esreason.rollout.driver import Driver
from esreason.rollout.episode import Episode
from esreason.rollout.prompts import Prompts, choose_style
from esreason.rollout.scripted import PLAYERS, play
from esreason.rollout.unit import Unit, split


def play_policy(
    config: RunConfig,
    endpoint_model: str | None,
    tasks: Sequence[Task],
    workers: int,
    voters: Sequence[Member] = (),
    gpu: int | None = None,
) -> list[Episode]:
    """The episodes of a scripted player, an endpoint, a model or `voters` around it on these tasks, in order.

    `gpu` is the only one that a model plays on, if given.
    """
    policy, mode = config.model, cast(Mode, config.mode)
    if policy in PLAYERS:
        return play(policy, tasks, config.level, mode)
    if not plays_here(policy):
        return _endpoint(config, endpoint_model, tasks)
    near = difflib.get_close_matches(policy, PLAYERS, n=1, cutoff=0.7)
    if near and policy not in BUNDLED and not Path(policy).exists():
        raise UsageError(f"there is no model directory {policy}; did you mean {near[0]!r}?")
    from esreason.executors.pool import pool

    with pool(config, workers, gpu=gpu) as executor:
        return play_centre(executor, config, tasks, voters)


def plays_here(policy: str) -> bool:
    """Whether a policy is a model that workers of ours play, neither scripted nor an endpoint's."""
    return policy not in PLAYERS and not policy.startswith(("http://", "https://"))


def play_centre(
    executor: Executor, config: RunConfig, tasks: Sequence[Task], voters: Sequence[Member] = ()
) -> list[Episode]:
    """The episodes of the workers' centre, or of `voters` around it, on these tasks, in order."""
    episodes: list[Episode | None] = [None] * len(tasks)
    units = list(split(voters or [CENTRE], tasks, config.seed, vote=bool(voters)))
    for index, rows in executor.play(units):
        episodes[units[index].task : units[index].task + len(rows[0])] = rows[0]
    return [episode for episode in episodes if episode is not None]


def _endpoint(config: RunConfig, model: str | None, tasks: Sequence[Task]) -> list[Episode]:
    from esreason.engines.endpoint import Endpoint

    engine, mode = Endpoint(config.model, model), cast(Mode, config.mode)
    style = choose_style(config.prompt, config.shots, engine.chat)
    prompts = Prompts(mode, style, config.shots, config.max_tokens, config.temperature, config.judgement)
    return Driver(prompts).play(engine, Unit((CENTRE,), tuple(tasks), sampling=config.seed))[0]
