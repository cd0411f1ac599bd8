"""Success against the number of steps that a task takes, after trainings of equal budget at each length.

A level that the base hardly solves gives evolution nothing to select; a curriculum from level 1 spends the same
budget on the way there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from esreason.core.statistics import t_interval
from esreason.report.numbers import interval
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import Bench, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DIRECT, CURRICULUM = "at the level", "curriculum"


def settings(quick: bool) -> dict[str, Any]:
    """Levels by environment: the bundled model reads sudoku up to level 4 (12 steps); beyond it has seen nothing alike.

    `climb` is the highest level that a curriculum is tried for.
    """
    run = {"population": 32, "tasks": 8, "iterations": 12, "sigma": 0.025, "validate_every": 3,
           "validation_episodes": 32, "test_episodes": 100}  # fmt: skip
    if quick:
        run |= {"population": 16, "iterations": 2, "validate_every": 2, "validation_episodes": 8, "test_episodes": 12}
    levels = {"sudoku": [1, 2]} if quick else {"sudoku": [1, 2, 3, 4, 6], "hanoi": [1, 2, 3, 6]}
    return {"levels": levels, "climb": 4, "threshold": 0.4, "seeds": 2 if quick else 3, "run": run}


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A row for each environment, level, way of training and seed."""
    rows = []
    for env, levels in settings["levels"].items():
        for level in levels:
            steps = fmean(_steps(env, level, settings["run"]["test_episodes"]))
            ways: dict[str, dict[str, Any]] = {DIRECT: {}}
            if 1 < level <= settings["climb"]:
                ways[CURRICULUM] = {"curriculum": f"1-{level}@{settings['threshold']}"}
            for way, options in ways.items():
                for seed in range(settings["seeds"]):
                    name = f"{env}-{level}-{'climb' if options else 'direct'}-{seed}"
                    result = bench.run(name, env=env, level=level, seed=seed, **settings["run"], **options)
                    rows.append({"env": env, "level": level, "steps": steps, "way": way, "seed": seed}
                                | {part: result[part] for part in ("base", "tuned", "episodes", "tokens")})  # fmt: skip
    return rows


def _steps(env: str, level: int, count: int) -> list[int]:
    """The steps in which the solver wins the test tasks."""
    from esreason.core.registry import solve
    from esreason.studies.played import tasks_of

    return [len(solve(task).actions) for task in tasks_of(env, level, "test", count)]


def _groups(rows: Sequence[Row]) -> dict[tuple[str, int, str], list[Row]]:
    groups: dict[tuple[str, int, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["env"], row["level"], row["way"]), []).append(row)
    return groups


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """Success by length, before and after."""
    body = []
    for (env, level, way), group in _groups(rows).items():
        tuned = [row["tuned"]["score"] for row in group]
        low, high = t_interval(tuned)
        base = group[0]["base"]
        body.append((
            f"{env} level {level}, {way}", f"{group[0]['steps']:.1f}",
            f"{100 * base['score']:.1f} {interval(*base['ci95'])}", f"{100 * fmean(tuned):.1f}",
            interval(max(0.0, low), min(1.0, high)), str(len(group)),
            f"{fmean(row['tokens'] for row in group) / 1000:.0f}k",
        ))  # fmt: skip
    heads = ("training", "steps of the solver", "base, %", "tuned, %", "95 % over seeds", "seeds", "tokens")
    return [Sheet("Success by length of the task", heads, tuple(body))]


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """Success against steps: base dashed, tuned solid, curriculum dotted."""
    made, axes = figure("Success against the steps of a task", "steps of the solver", "success, %")
    for colour, env in zip(COLOURS, dict.fromkeys(row["env"] for row in rows), strict=False):
        for way, style in ((DIRECT, "o-"), (CURRICULUM, "s:")):
            groups = [group for key, group in _groups(rows).items() if key[0] == env and key[2] == way]
            tuned = [100 * fmean(row["tuned"]["score"] for row in group) for group in groups]
            axes.plot([group[0]["steps"] for group in groups], tuned, style, color=colour, label=f"{env}, {way}")
            if way == DIRECT:
                base = [100 * group[0]["base"]["score"] for group in groups]
                axes.plot([group[0]["steps"] for group in groups], base, "--", color=colour, label=f"{env}, base")
    axes.legend(frameon=False, fontsize=8)
    return {"horizon": made}
