"""`esreason eval`: score a model, a scripted player or an endpoint."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer


def command(
    env: Annotated[str, typer.Option("--env", help="The environment, see `esreason envs`.")],
    policy: Annotated[
        str, typer.Option("--policy", help="A model directory, random, solver, empty, or http://host:port/v1.")
    ],
    task: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--task", help="Tasks of your own: a PDDL domain file, and a problem file or a folder of them."),
    ] = None,
    policy_model: Annotated[str | None, typer.Option("--policy-model", help="The model's name at an endpoint.")] = None,
    level: Annotated[int, typer.Option("--level", help="The environment's level.")] = 1,
    mode: Annotated[str, typer.Option("--mode", help="steps or answer.")] = "steps",
    prompt: Annotated[str, typer.Option("--prompt", help="auto, chat, plain or few-shot.")] = "auto",
    shots: Annotated[int, typer.Option("--shots", help="Solved examples in front of a few-shot prompt.")] = 0,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", help="Longest completion; 0 means from the environment.")
    ] = 0,
    temperature: Annotated[float, typer.Option("--temperature", help="0 is greedy.")] = 0.0,
    split: Annotated[str, typer.Option("--split", help="train, validation or test.")] = "test",
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="How many tasks.")] = 400,
    samples: Annotated[
        int, typer.Option("--samples", min=1, help="Draws of each task, for pass@k and best-of-k; needs --temperature.")
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The first task's seed.")] = 0,
    engine: Annotated[str, typer.Option("--engine", help="torch or vllm.")] = "torch",
    dtype: Annotated[str, typer.Option("--dtype", help="float32, bfloat16 or float16.")] = "float32",
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes of one thread; 0 means all cores.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score a policy on tasks of a split."""
    from esreason.cli.own_task import read_tasks
    from esreason.cli.policies import play_policy
    from esreason.core.errors import UsageError
    from esreason.core.registry import env_class
    from esreason.core.statistics import summary_of
    from esreason.es.config import make_config
    from esreason.report.console import console
    from esreason.report.numbers import percent
    from esreason.report.outcome import Outcome, outcomes
    from esreason.rollout.draws import rates, task_means

    if policy_model is not None and not policy.startswith(("http://", "https://")):
        raise UsageError("--policy-model belongs to an endpoint: --policy http://host:port/v1")
    if samples > 1 and not temperature:
        raise UsageError("--samples needs --temperature above 0: greedy draws are all the same")
    config = make_config({
        "env": env, "model": policy, "level": level, "mode": mode, "prompt": prompt, "shots": shots,
        "max_tokens": max_tokens, "temperature": temperature, "engine": engine, "dtype": dtype, "seed": seed,
    })  # fmt: skip
    if task is None:
        tasks = [env_class(env).make_task(number, level, split) for number in range(seed, seed + episodes)]
    else:  # once, or as often as replies may differ
        own = read_tasks(env, task)
        tasks = [own[turn % len(own)] for turn in range(episodes if temperature else len(own))]
    tasks = [one for one in tasks for _ in range(samples)]
    began = time.monotonic()
    played = play_policy(config, policy_model, tasks, workers)
    seconds = round(time.monotonic() - began, 3)
    scores = [episode.score for episode in played]
    summary = summary_of(task_means(scores, samples))
    tokens, more = sum(episode.tokens for episode in played), rates(scores, samples) if samples > 1 else {}
    name = Path(policy).name if Path(policy).is_dir() else policy
    if as_json:
        print(
            json.dumps(
                {
                    "env": env,
                    "policy": policy,
                    "level": level,
                    "split": tasks[0].split,
                    **summary,
                    **more,
                    "tokens": tokens,
                    "seconds": seconds,
                }
            )
        )
        return
    out = console()
    out.print(
        outcomes(
            f"{f'{env} level {level}' if task is None else f'{env}, given tasks'}, {mode}, {tasks[0].split} split",
            [Outcome(name, summary, tokens or None, seconds)],
            out.width,
        )
    )
    if more:
        out.print(", ".join(f"{name} {percent(rate)}" for name, rate in more.items()))
