"""`esreason diagnose`: probe the landscape around a model."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer


def command(
    env: Annotated[str, typer.Option("--env", help="The environment, see `esreason envs`.")],
    model: Annotated[
        str | None, typer.Option("--model", help="A directory or hub id [default: the bundled model that plays ENV].")
    ] = None,
    level: Annotated[int, typer.Option("--level", help="The environment's level.")] = 1,
    mode: Annotated[str, typer.Option("--mode", help="steps or answer.")] = "steps",
    prompt: Annotated[str, typer.Option("--prompt", help="auto, chat, plain or few-shot.")] = "auto",
    shots: Annotated[int, typer.Option("--shots", help="Solved examples in front of a few-shot prompt.")] = 0,
    temperature: Annotated[float, typer.Option("--temperature", help="0 is greedy.")] = 0.0,
    dtype: Annotated[str, typer.Option("--dtype", help="float32, bfloat16 or float16.")] = "float32",
    noise: Annotated[str, typer.Option("--noise", help="dense or lowrank.")] = "lowrank",
    rank: Annotated[int, typer.Option("--rank", help="The rank of low-rank noise.")] = 1,
    population: Annotated[int, typer.Option("--population", help="Members of the planned run.")] = 64,
    iterations: Annotated[int, typer.Option("--iterations", help="Iterations of the planned run.")] = 80,
    tasks: Annotated[int, typer.Option("--tasks", help="Tasks an iteration of the planned run.")] = 8,
    sigma: Annotated[str, typer.Option("--sigma", help="The planned sigma, or auto for advice.")] = "auto",
    alpha: Annotated[str, typer.Option("--alpha", help="The planned alpha, or auto for twice sigma.")] = "auto",
    members: Annotated[int, typer.Option("--members", min=4, help="Members a rung of the probe; even.")] = 32,
    probe_tasks: Annotated[int, typer.Option("--probe-tasks", min=2, help="Tasks of the probe.")] = 32,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds members, tasks and bootstrap.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes of one thread; 0 means all cores.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Write diagnosis.json and plots into this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Probe the landscape around a model; advise population, sigma and alpha, and forecast the run.

    Plays mirrored members at rising sigma on common training tasks until they keep less than half of their best score.
    """
    from esreason.cli.progress import bar
    from esreason.core.errors import UsageError
    from esreason.es.config import make_config
    from esreason.es.files import write_whole
    from esreason.es.probe import LADDER, climb, player
    from esreason.es.syllabus import Syllabus
    from esreason.executors.pool import pool
    from esreason.models import bundled_for
    from esreason.report.console import console
    from esreason.report.diagnosis import diagnosis
    from esreason.report.plots_diagnosis import draw
    from esreason.theory.advice import diagnose

    if members % 2:
        raise UsageError(f"the members of a probe are mirrored pairs: --members is even, not {members}")
    config = make_config({
        "env": env, "model": model or bundled_for(env), "level": level, "mode": mode, "prompt": prompt, "shots": shots,
        "temperature": temperature, "dtype": dtype, "noise": noise, "rank": rank, "population": population,
        "iterations": iterations, "tasks": tasks, "sigma": sigma, "alpha": alpha, "seed": seed,
    })  # fmt: skip
    began = time.monotonic()
    with pool(config, workers, None) as executor, bar("probing", as_json) as show:
        play = player(executor, Syllabus(config).probe(probe_tasks, level), seed)
        ladder = climb(play, seed, lambda rungs: show(len(rungs.rungs), len(LADDER)), members)
    found = diagnose(ladder, config.plan(), seed)
    facts = {
        "env": env, "model": config.model, "level": level, "mode": mode, "seed": seed, "members": members,
        "probe_tasks": probe_tasks, "episodes": probe_tasks * (1 + members * len(ladder.rungs)),
        "seconds": round(time.monotonic() - began, 3),
    }  # fmt: skip
    text = json.dumps(facts | found.to_dict(), allow_nan=False)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / "diagnosis.json", text + "\n")
        console(stderr=True).print(draw(found, out), soft_wrap=True, markup=False)
    if as_json:
        print(text)
        return
    shown = console()
    shown.print(diagnosis(found, f"{env} level {level}, {mode}, around {config.model}"))
