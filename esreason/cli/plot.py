"""`esreason plot`: draw what a run did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esreason.cli.options import AsJson

if TYPE_CHECKING:
    from esreason.es.folder import RunFolder
    from esreason.report.plots import Rate

Levels = dict[str, dict[str, dict[int, dict[tuple[str, int], float]]]]
"""Environment -> player -> level -> (whose, seed) -> score."""


def command(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, or entries of a board.", metavar="RUN...")],
    out: Annotated[Path, typer.Option("--out", help="Where the files go, a folder a run.")] = Path("plots"),
    form: Annotated[str, typer.Option("--format", help="svg, png or pdf.")] = "svg",
    as_json: AsJson = False,
) -> None:
    """Draw a run's learning curve and its members' fitness by iteration, and the success by level of all given runs."""
    from esreason.core.errors import UsageError
    from esreason.core.machine import need
    from esreason.es.folder import RunFolder
    from esreason.report import plots

    if form not in plots.FORMATS:
        raise UsageError(f"--format is one of {', '.join(plots.FORMATS)}, not {form!r}")
    folders = [RunFolder.open(run) for run in runs]
    need("plot", "matplotlib", extra="plots")
    figures = _figures(folders, out, form)
    for path, figure in figures.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        plots.save(figure, path)
    print(json.dumps({"files": [str(path) for path in figures]}) if as_json else "\n".join(map(str, figures)))


def _figures(folders: list[RunFolder], out: Path, form: str) -> dict[Path, Any]:
    """The plots by the path that each is written to."""
    from esreason.report import plots

    levels: Levels = {}
    figures: dict[Path, Any] = {}
    for folder in folders:
        place, title = out / folder.path.resolve().name, _title(folder)
        figures[place / f"learning-curve.{form}"] = plots.learning_curve(title, *_curve(folder))
        fitness = [line["fitness"] for line in folder.seedlog.read()[1]]
        if fitness:
            figures[place / f"fitness.{form}"] = plots.fitness_distribution(title, fitness)
        _add_levels(levels, folder)
    for env, players in levels.items():
        rates = {name: [plots.Rate(level, sum(s.values()) / len(s), len(s)) for level, s in sorted(by_level.items())]
                 for name, by_level in players.items()}  # fmt: skip
        figures[out / f"{env}-levels.{form}"] = plots.success_by_level(env, rates)
    return figures


def _title(folder: RunFolder) -> str:
    config = folder.config()
    return f"{Path(config.model).name} on {config.about} ({folder.path.resolve().name})"


def _curve(folder: RunFolder) -> tuple[list[Rate], dict[str, Rate]]:
    """Validation from the base on, and the test scores at the iterations whose weights earned them."""
    from esreason.report.plots import Rate

    header, lines = folder.seedlog.read()
    n, result = folder.config().validation_episodes, folder.result()
    points = [(0, header.validation)]
    points += [(number, line["validation"]) for number, line in enumerate(lines, 1) if line["validation"] is not None]
    tests = {phase: Rate(at, result[phase]["score"], result[phase]["n"])
             for phase, at in (("base", 0), ("tuned", result["checkpoint"]))}  # fmt: skip
    return [Rate(x, score, n) for x, score in points], tests


def _add_levels(levels: Levels, folder: RunFolder) -> None:
    """Add a run's scores by environment, player and level; a base that several runs share counts once."""
    base = folder.seedlog.read()[0].base_sha256
    for line in folder.episodes():
        task, whose = line["task"], base if line["phase"] == "base" else str(folder.path.resolve())
        players = levels.setdefault(task["env"], {})
        scores = players.setdefault(line["phase"], {}).setdefault(task["level"], {})
        scores[whose, task["seed"]] = float(line["verdict"]["score"])
