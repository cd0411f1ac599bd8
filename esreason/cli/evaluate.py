"""`esreason eval`: score a model, a scripted player or an endpoint."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esreason.cli.options import AsJson, Device, Env, Limit, OwnTasks, Split, Workers, settings

if TYPE_CHECKING:
    from esreason.core.task import Task
    from esreason.es.config import RunConfig


@settings("level", "mode", "prompt", "shots", "max_tokens", "temperature", "engine", "dtype")
def command(
    env: Env,
    policy: Annotated[
        str, typer.Option("--policy", help="A model directory, random, solver, empty, or http://host:port/v1.")
    ],
    chosen: dict[str, Any],
    task: OwnTasks = None,
    limit: Limit = None,
    policy_model: Annotated[str | None, typer.Option("--policy-model", help="The model's name at an endpoint.")] = None,
    split: Split = "test",
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="How many tasks.")] = 400,
    samples: Annotated[
        int, typer.Option("--samples", min=1, help="Draws of each task, for pass@k and best-of-k; needs --temperature.")
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The first task's seed.")] = 0,
    device: Device = None,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Score a policy on tasks of a split."""
    from esreason.cli.device import place_on
    from esreason.cli.policies import play_policy, plays_here
    from esreason.core.errors import UsageError
    from esreason.core.statistics import summary_of
    from esreason.es.config import make_config
    from esreason.report.console import TABLE, console
    from esreason.report.numbers import percent
    from esreason.report.outcome import Outcome, outcomes
    from esreason.rollout.draws import rates, task_means

    if policy_model is not None and not policy.startswith(("http://", "https://")):
        raise UsageError("--policy-model belongs to an endpoint: --policy http://host:port/v1")
    if device is not None and not plays_here(policy):
        raise UsageError("--device belongs to a model that plays here: leave it out")
    place = place_on(device, chosen.get("engine", "torch"), quiet=as_json) if plays_here(policy) else None
    kind = {"device": place.kind} if place else {}
    config = make_config({"env": env, "model": policy, "seed": seed, **chosen, **kind})
    if samples > 1 and not config.temperature:
        raise UsageError("--samples needs --temperature above 0: greedy draws are all the same")
    tasks = [one for one in _tasks(config, task, limit, split, episodes) for _ in range(samples)]
    began = time.monotonic()
    played = play_policy(config, policy_model, tasks, workers, gpu=place.gpu if place else None)
    seconds = round(time.monotonic() - began, 3)
    scores = [episode.score for episode in played]
    summary = summary_of(task_means(scores, samples))
    tokens, more = sum(episode.tokens for episode in played), rates(scores, samples) if samples > 1 else {}
    if as_json:
        print(json.dumps({
            "env": env, "policy": policy, "level": config.level, "split": tasks[0].split, **summary, **more,
            "tokens": tokens, "seconds": seconds,
        }))  # fmt: skip
        return
    name, out = Path(policy).name if Path(policy).is_dir() else policy, console(least=TABLE)
    about = f"{env} level {config.level}" if task is None else f"{env}, given tasks"
    row = Outcome(name, summary, tokens or None, seconds)
    out.print(outcomes(f"{about}, {config.mode}, {tasks[0].split} split", [row], out.width))
    if more:
        out.print(", ".join(f"{name} {percent(rate)}" for name, rate in more.items()))


def _tasks(
    config: RunConfig, files: tuple[Path, Path] | None, limit: int | None, split: str, episodes: int
) -> list[Task]:
    """Tasks of a split from the seed on, or given ones: once, or as often as replies may differ."""
    from esreason.cli.own_task import only_with_task, read_tasks
    from esreason.core.registry import env_class

    if files is None:
        only_with_task(limit)
        cls = env_class(config.env)
        return [cls.make_task(number, config.level, split) for number in range(config.seed, config.seed + episodes)]
    own = read_tasks(config.env, files, limit)
    return [own[turn % len(own)] for turn in range(episodes if config.temperature else len(own))]
