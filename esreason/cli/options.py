"""The options of commands: a run's settings by name, and what several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from esreason.core.errors import UsageError
from esreason.es.config import CHOICES, RunConfig
from esreason.es.strategies import BUILTIN

Env = Annotated[str, typer.Option("--env", help="The environment, see `esreason envs`.")]
OwnTasks = Annotated[
    tuple[Path, Path] | None,
    typer.Option("--task", help="Tasks of your own: a PDDL domain file, and a problem file or a folder of them."),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, show_default=False,
                 help="Steps of an episode of --task [default: twice those of the solver's plan, and 8]."),
]  # fmt: skip
Split = Annotated[str, typer.Option("--split", help="train, validation or test.")]
Workers = Annotated[
    int, typer.Option("--workers", min=0, show_default=False, help="Processes [default: one a core, or one a GPU].")
]
Device = Annotated[
    str | None, typer.Option("--device", help="auto, cpu, cuda or cuda:N [default: auto, CUDA where there is a GPU].")
]
OwnDevice = Annotated[
    str | None, typer.Option("--device", help="cpu, cuda or cuda:N [default: the kind that the run has].")
]
Ray = Annotated[str | None, typer.Option("--ray", help="A Ray pool instead: local, or a cluster's address.")]
BoardFolder = Annotated[
    Path | None,
    typer.Option("--board", help="The board's folder [default: leaderboards if it is here, else leaderboard]."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Only the outcome.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else there.")]
Run = Annotated[Path, typer.Argument(help="The run folder.")]

SETTINGS = {
    "env": "The environment, or several: sudoku,countdown.",
    "model": "A directory or hub id [default: the bundled model that plays ENV].",
    "level": "The environment's level.",
    "mode": "Play step by step, or in one answer",
    "prompt": "How a task becomes a prompt",
    "shots": "Solved examples in front of a few-shot prompt.",
    "max_tokens": "Longest completion [default: from the environment].",
    "temperature": "0 is greedy.",
    "engine": "What generates",
    "dtype": "The weights' numbers",
    "strategy": f"The method: {', '.join(BUILTIN)}, or a plug-in.",
    "noise": "What members differ by",
    "rank": "The rank of lowrank and spectral noise.",
    "population": "Members an iteration.",
    "sigma": "The noise's size, or auto to probe for it.",
    "alpha": "The step size, or auto (2 sigma).",
    "shaping": "What fitness counts for",
    "step": "The step's rule",
    "decay": "Anchored weight decay.",
    "decay_norm": "Its norm",
    "sigma_schedule": "How sigma changes over the run",
    "sigma_final": "The share of sigma that its schedule ends at.",
    "alpha_schedule": "How alpha changes over the run",
    "alpha_final": "The share of alpha that its schedule ends at.",
    "iterations": "How many.",
    "tasks": "Fresh tasks an iteration, of all environments.",
    "test_episodes": "Test tasks of each environment.",
    "test_samples": "Draws of each test task, for pass@k.",
    "objective": "return, pass@8, novelty, metacognition or discernment.",
    "samples": "Draws of a task for pass@k [default: k].",
    "judgement": "What is asked before each task",
    "judgement_temperature": "At which members draw their judgements in training; 0: as --temperature says.",
    "curriculum": "Levels 1-4, the next once half is solved; 1-4@0.7: 70 % [default: no curriculum].",
    "patience": "Stop after so many validations without a rise [default: never].",
    "quantize": "Evolve integer weights",
    "residual": "What becomes of less than a grid step",
    "gamma": "What a step keeps of the residual [default: 1; replay 0.9].",
    "seed": "The run's seed.",
    "time_limit": "Seconds after which no iteration begins [default: no limit].",
}
"""The settings of a run that are options, and what their help says; choices and defaults are added."""

_KINDS: dict[object, type] = {"int": int, "float": float}  # all others are texts: numbers or a word


def settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command options for these settings of a run, in the place of its parameter `chosen`.

    That is then a dict of those that were on the command line, fit for `make_config`: presets, a file and defaults say
    the others.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**options: Any) -> None:
            told = {name: options.pop(name) for name in names}
            command(chosen={name: value for name, value in told.items() if value is not None}, **options)

        signature, parameters = inspect.signature(command, eval_str=True), list[inspect.Parameter]()
        for parameter in signature.parameters.values():
            if parameter.name == "chosen":
                parameters += [_option(name) for name in names]
            else:
                parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
        called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # typer reads it
        return called

    return decorate


def _option(name: str) -> inspect.Parameter:
    field = next(field for field in fields(RunConfig) if field.name == name)
    text = SETTINGS[name]
    if name in CHOICES:
        text += f": {', '.join(CHOICES[name])}."
    if "[default" not in text and field.default is not MISSING:
        shown = f"{field.default:g}" if isinstance(field.default, float) else field.default
        text = f"{text.removesuffix('.')} [default: {shown}]."
    kind = _KINDS.get(field.type, str)
    option = typer.Option(f"--{name.replace('_', '-')}", help=text)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


class Command(TyperCommand):
    """A command that refuses a second `--task`, which would silently take the place of the first.

    Of any other option the last one counts, as scripts that put their own behind defaults expect.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; UsageError names an option of several values that is there twice."""
        order = self.make_parser(ctx).parse_args(list(args))[2]
        for parameter in order:
            if parameter.nargs > 1 and order.count(parameter) > 1:
                raise UsageError(f"{parameter.opts[0]} is given twice, but only one can count")
        return super().parse_args(ctx, args)
