"""What training on one environment does to the others, and what training on all of them does to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, Any

from esreason.core.statistics import summary_of, t_interval
from esreason.report.plots import figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import Bench, Row

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

FIVE = ("sudoku", "countdown", "hanoi", "shortest_path", "sorting")
ALL = "all of them"


def settings(quick: bool) -> dict[str, Any]:
    """Every training has the same number of episodes, that on all environments as well."""
    run = {"population": 32, "tasks": 8, "iterations": 20, "sigma": 0.025, "validate_every": 5,
           "validation_episodes": 40, "test_episodes": 20}  # fmt: skip
    if quick:
        run |= {"population": 16, "iterations": 3, "validate_every": 3, "validation_episodes": 16, "test_episodes": 8}
    return {"envs": list(FIVE[3:] if quick else FIVE), "test": 24 if quick else 200, "seeds": 2 if quick else 3,
            "run": run}  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A row for each training and tested environment and seed; `trained` is empty for the base."""
    envs, rows = settings["envs"], []
    for seed in range(settings["seeds"]):
        for trained, text in [*((env, env) for env in envs), (ALL, ",".join(envs))]:
            name = f"{'all' if trained == ALL else trained}-{seed}"
            bench.run(name, env=text, seed=seed, **settings["run"])
            work = partial(_tested, bench.out / "runs" / name, envs, settings["test"], None)
            scores = bench.row(name, {"envs": envs, "test": settings["test"], **settings["run"]}, work)
            rows += [{"trained": trained, "tested": env, "seed": seed, **scores[env]} for env in envs]
    first = bench.out / "runs" / f"{envs[0]}-0"
    work = partial(_tested, first, envs, settings["test"], 0)
    scores = bench.row("base", {"envs": envs, "test": settings["test"]}, work)
    return [{"trained": "", "tested": env, "seed": 0, **scores[env]} for env in envs] + rows


def _tested(run: Path, envs: Sequence[str], count: int, checkpoint: int | None) -> Row:
    """The success of a run's model in each environment, on the same test tasks for every model."""
    from esreason.studies.centre import play_elsewhere
    from esreason.studies.played import tasks_of

    tasks = [task for env in envs for task in tasks_of(env, 1, "test", count)]
    scores = [episode.score for episode in play_elsewhere(run, tasks, checkpoint)]
    return {env: summary_of(scores[place * count : (place + 1) * count]) for place, env in enumerate(envs)}


def _cells(rows: Sequence[Row]) -> dict[tuple[str, str], list[float]]:
    """Per cent over seeds, by training and tested environment."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        found.setdefault((row["trained"], row["tested"]), []).append(100 * row["score"])
    return found


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """Success, and the points gained over the base; trainings down, tests across."""
    cells = _cells(rows)
    tested = list(dict.fromkeys(row["tested"] for row in rows))
    trained = [name for name in dict.fromkeys(row["trained"] for row in rows) if name]
    body = [("nothing (base)", *(f"{cells['', env][0]:.1f}" for env in tested))]
    body += [(name, *(_mean(cells[name, env]) for env in tested)) for name in trained]
    gains = [(name, *(_gain(cells[name, env], cells["", env][0]) for env in tested)) for name in trained]
    heads = ("trained on", *tested)
    return [Sheet("Success in per cent, mean over seeds", heads, tuple(body)),
            Sheet("Points gained over the base, 95 % over seeds", heads, tuple(gains))]  # fmt: skip


def _mean(values: Sequence[float]) -> str:
    return f"{fmean(values):.1f}"


def _gain(values: Sequence[float], base: float) -> str:
    gains = [value - base for value in values]
    low, high = t_interval(gains)
    return f"{fmean(gains):+.1f} [{low:+.1f}, {high:+.1f}]"


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """The matrix of points gained."""
    cells = _cells(rows)
    tested = list(dict.fromkeys(row["tested"] for row in rows))
    trained = [name for name in dict.fromkeys(row["trained"] for row in rows) if name]
    gains = [[fmean(cells[name, env]) - cells["", env][0] for env in tested] for name in trained]
    made, axes = figure("Points gained over the base", "tested on", "trained on", (5.6, 4.2))
    axes.imshow(gains, cmap="RdBu", vmin=-80, vmax=80)
    axes.grid(visible=False)
    axes.set_xticks(range(len(tested)), tested, rotation=30, ha="right")
    axes.set_yticks(range(len(trained)), trained)
    for down, line in enumerate(gains):
        for across, gain in enumerate(line):
            axes.text(across, down, f"{gain:+.0f}", ha="center", va="center", color="white" if abs(gain) > 50 else "k")
    return {"matrix": made}
