"""Playing whatever `--policy` names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from esreason.core.env import Mode
from esreason.core.registry import env_class
from esreason.core.task import Task
from esreason.engines.base import Sampling
from esreason.es.config import RunConfig
from esreason.es.executor import Executor
from esreason.es.noise import CENTRE, Member
from esreason.rollout.driver import Driver
from esreason.rollout.episode import Episode
from esreason.rollout.prompts import Prompter, choose_style
from esreason.rollout.scripted import PLAYERS, play
from esreason.rollout.unit import Unit, split


def play_policy(
    config: RunConfig,
    endpoint_model: str | None,
    tasks: Sequence[Task],
    workers: int,
    voters: Sequence[Member] = (),
) -> list[Episode]:
    """The episodes of a scripted player, an endpoint, a model or `voters` around it on these tasks, in order."""
    policy, mode = config.model, cast(Mode, config.mode)
    if policy in PLAYERS:
        return play(policy, tasks, config.level, mode)
    if policy.startswith(("http://", "https://")):
        return _endpoint(config, endpoint_model, tasks)
    from esreason.executors.pool import pool

    with pool(config, workers) as executor:
        return play_centre(executor, config, tasks, voters)


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

    engine = Endpoint(config.model, model)
    style = choose_style(config.prompt, config.shots, engine.chat)
    prompter = Prompter(env_class(config.env), config.level, cast(Mode, config.mode), style, config.shots)
    sampling = Sampling(config.max_tokens or prompter.max_tokens, config.temperature, 0, prompter.stop)
    return Driver(prompter, sampling).play(engine, Unit((CENTRE,), tuple(tasks), sampling=config.seed))[0]
