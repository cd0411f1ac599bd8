"""`esreason run`: fine-tune a model by evolution strategies."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer


def command(
    env: Annotated[str | None, typer.Option("--env", help="The environment, or several: sudoku,countdown.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A directory or hub id [default: the bundled model that plays ENV].")
    ] = None,
    task: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--task", help="Tasks of your own: a PDDL domain file, and a problem file or a folder of them."),
    ] = None,
    level: Annotated[int | None, typer.Option("--level", help="The environment's level [default: 1].")] = None,
    mode: Annotated[str | None, typer.Option("--mode", help="steps or answer [default: steps].")] = None,
    prompt: Annotated[
        str | None, typer.Option("--prompt", help="auto, chat, plain or few-shot [default: auto].")
    ] = None,
    shots: Annotated[int | None, typer.Option("--shots", help="Solved examples in front of a few-shot prompt.")] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", help="Longest completion [default: from the environment].")
    ] = None,
    temperature: Annotated[float | None, typer.Option("--temperature", help="0 is greedy [default: 0].")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="torch or vllm [default: torch].")] = None,
    dtype: Annotated[
        str | None, typer.Option("--dtype", help="float32, bfloat16 or float16 [default: float32].")
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            "--strategy",
            help="mirrored, eggroll, es-at-scale, anchored, agentic-esopt, essam, random-search, randopt, shuffled, "
            "a plug-in [default: mirrored].",
        ),
    ] = None,
    noise: Annotated[str | None, typer.Option("--noise", help="dense, lowrank, spectral [lowrank].")] = None,
    rank: Annotated[int | None, typer.Option("--rank", help="The rank of such noise [default: 1].")] = None,
    population: Annotated[int | None, typer.Option("--population", help="Members an iteration [default: 64].")] = None,
    sigma: Annotated[
        str | None, typer.Option("--sigma", help="The noise's size, or auto to probe for it [default: auto].")
    ] = None,
    alpha: Annotated[
        str | None, typer.Option("--alpha", help="The step size, or auto (2 sigma) [default: auto].")
    ] = None,
    shaping: Annotated[str | None, typer.Option("--shaping", help="zscore, task-zscore, ranks or none.")] = None,
    step: Annotated[str | None, typer.Option("--step", help="sgd, momentum or adam [default: sgd].")] = None,
    decay: Annotated[float | None, typer.Option("--decay", help="Anchored weight decay [default: 0].")] = None,
    decay_norm: Annotated[str | None, typer.Option("--decay-norm", help="l2 or l1 [default: l2].")] = None,
    sigma_schedule: Annotated[
        str | None, typer.Option("--sigma-schedule", help="constant, linear or cosine [default: constant].")
    ] = None,
    sigma_final: Annotated[
        float | None, typer.Option("--sigma-final", help="The share of sigma that its schedule ends at [default: 1].")
    ] = None,
    alpha_schedule: Annotated[
        str | None, typer.Option("--alpha-schedule", help="constant, linear or cosine [default: constant].")
    ] = None,
    alpha_final: Annotated[
        float | None, typer.Option("--alpha-final", help="The share of alpha that its schedule ends at [default: 1].")
    ] = None,
    iterations: Annotated[int | None, typer.Option("--iterations", help="How many [default: 80].")] = None,
    tasks: Annotated[
        int | None, typer.Option("--tasks", help="Fresh tasks an iteration, of all environments [default: 8].")
    ] = None,
    test_episodes: Annotated[
        int | None, typer.Option("--test-episodes", help="Test tasks of each environment [default: 400].")
    ] = None,
    test_samples: Annotated[
        int | None, typer.Option("--test-samples", help="Draws of each test task, for pass@k [default: 1].")
    ] = None,
    objective: Annotated[
        str | None, typer.Option("--objective", help="return, pass@8, novelty or metacognition [default: return].")
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", help="Draws of a task for pass@k [default: k].")
    ] = None,
    judgement: Annotated[
        str | None, typer.Option("--judgement", help="none, yes-no or graded: asked before each task.")
    ] = None,
    curriculum: Annotated[
        str | None, typer.Option("--curriculum", help="Levels 1-4, the next once half is solved; 1-4@0.7: 70 %.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option("--patience", help="Stop after so many validations without a rise [default: never].")
    ] = None,
    quantize: Annotated[
        str | None, typer.Option("--quantize", help="none, int8 or int4: evolve integer weights [default: none].")
    ] = None,
    residual: Annotated[
        str | None,
        typer.Option("--residual", help="What becomes of less than a grid step: full, replay, none, quzo."),
    ] = None,
    gamma: Annotated[
        str | None, typer.Option("--gamma", help="What a step keeps of the residual [default: 1; replay 0.9].")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="The run's seed [default: 0].")] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", help="Seconds after which no iteration begins.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes of one thread [default: all cores].")] = 0,
    ray: Annotated[str | None, typer.Option("--ray", help="A Ray pool instead: local, or a cluster's address.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The run folder, new or empty [default: runs/ENV-N].")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="A TOML file of settings; options win over it.")
    ] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Sigma and alpha by a probe, whatever the strategy's preset or --config say.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the outcome.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Fine-tune a model by evolution strategies on an environment; score it on the test split before and after."""
    chosen = dict(locals())
    from esreason.cli.own_task import own_settings
    from esreason.cli.session import carry, default_folder
    from esreason.core.errors import UsageError
    from esreason.es.config import AUTO, RunConfig, make_config, read_toml
    from esreason.es.folder import RunFolder
    from esreason.models import bundled_for

    names = [field.name for field in fields(RunConfig)]
    given = read_toml(config) if config else {}
    given |= {name: chosen[name] for name in names if chosen.get(name) is not None}
    if auto:
        if sigma is not None or alpha is not None:
            raise UsageError("--auto chooses sigma and alpha: leave out --sigma and --alpha")
        given |= {"sigma": AUTO, "alpha": AUTO}
    if task is not None:
        given |= own_settings(task, given)
    settings = make_config({"model": bundled_for(str(given.get("env"))), **given})
    folder = RunFolder.create(out or default_folder(settings.env), settings)
    try:
        carry(folder, workers, ray, quiet, as_json)
    finally:
        folder.discard()  # a run that was refused before its first episode leaves nothing behind
