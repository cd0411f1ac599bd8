"""`esreason diagnose`: probe the landscape around a model."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from esreason.cli.options import AsJson, Device, Env, Workers, settings


@settings(
    "model", "level", "mode", "prompt", "shots", "temperature", "dtype", "noise", "rank", "population", "iterations",
    "tasks", "sigma", "alpha",
)  # fmt: skip
def command(
    env: Env,
    chosen: dict[str, Any],
    members: Annotated[int, typer.Option("--members", min=4, help="Members a rung of the probe; even.")] = 32,
    probe_tasks: Annotated[int, typer.Option("--probe-tasks", min=2, help="Tasks of the probe.")] = 32,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds members, tasks and bootstrap.")] = 0,
    device: Device = None,
    workers: Workers = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Write diagnosis.json and plots into this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Probe the landscape around a model; advise population, sigma and alpha, and forecast the run.

    Plays mirrored members at rising sigma on common training tasks until they keep less than half of their best score.
    Population, iterations, tasks, sigma and alpha are those of the planned run.
    """
    from esreason.cli.device import place_on
    from esreason.cli.progress import bar
    from esreason.core.errors import UsageError
    from esreason.core.files import replace_file
    from esreason.core.machine import need
    from esreason.es.config import make_config
    from esreason.es.probe import LADDER, climb, player
    from esreason.es.syllabus import Syllabus
    from esreason.executors.pool import pool
    from esreason.models import bundled_for
    from esreason.report.console import TABLE, console
    from esreason.report.diagnosis import diagnosis
    from esreason.report.plots_diagnosis import draw
    from esreason.theory.advice import diagnose

    if members % 2:
        raise UsageError(f"the members of a probe are mirrored pairs: --members is even, not {members}")
    if out is not None:
        need("--out", "matplotlib", extra="plots")
    place = place_on(device, quiet=as_json)
    config = make_config({"env": env, "model": bundled_for(env), "seed": seed, **chosen, "device": place.kind})
    began = time.monotonic()
    with pool(config, workers, gpu=place.gpu) as executor, bar("probing", as_json) as show:
        play = player(executor, Syllabus(config).probe(probe_tasks, config.level), seed)
        ladder = climb(play, seed, lambda rungs: show(len(rungs.rungs), len(LADDER)), members)
    found = diagnose(ladder, config.plan(), seed)
    facts = {
        "env": env, "model": config.model, "level": config.level, "mode": config.mode, "seed": seed, "members": members,
        "probe_tasks": probe_tasks, "episodes": probe_tasks * (1 + members * len(ladder.rungs)),
        "seconds": round(time.monotonic() - began, 3),
    }  # fmt: skip
    text = json.dumps(facts | found.to_dict(), allow_nan=False)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        replace_file(out / "diagnosis.json", f"{text}\n".encode())
        console(stderr=True).print(draw(found, out), soft_wrap=True, markup=False)
    if as_json:
        print(text)
        return
    shown = console(least=TABLE)
    shown.print(diagnosis(found, f"{env} level {config.level}, {config.mode}, around {config.model}"))
