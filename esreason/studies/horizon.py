"""Success against the number of steps that a task takes, after trainings of equal budget at each length.

A level that the base hardly solves gives evolution nothing to select, and GRPO nothing to reinforce; a curriculum from
level 1 spends the same budget on the way there. The bundled model was taught level 1 only, so bases are made each of
which was taught an environment at all levels, and wins some of the tasks at every length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from esreason.core.machine import need
from esreason.core.statistics import summary_of, t_interval, wilson
from esreason.report.numbers import interval
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import WEIGHTS, Bench, Row
from esreason.studies.played import Memoryless, style_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DIRECT, CURRICULUM, GRPO = "at the level", "curriculum", "GRPO at the level"
SAMPLED = "at the level, on samples"
"""Evolution whose members play at temperature 1, as GRPO's episodes are played."""


def settings(quick: bool) -> dict[str, Any]:
    """Levels by environment: the bundled model reads sudoku up to level 4 (12 steps); beyond it has seen nothing alike.

    `climb` is the highest level that a curriculum is tried for, `drawn` are the levels at which evolution is tried on
    sampled episodes too; base and result are scored greedily there as everywhere. A training by GRPO costs ten of
    evolution and more, so it has seeds of its own, by level; elsewhere it is left out. `taught` are the levels of the
    bases that are made, one an environment, and how (see `carrier.py`). Sigma and the learning rate are one value each
    for all levels: those that do well on every task in the sweeps of `es-vs-grpo`.
    """
    run = {"population": 32, "tasks": 8, "iterations": 12, "sigma": 0.025, "validate_every": 3,
           "validation_episodes": 32, "test_episodes": 100}  # fmt: skip
    if quick:
        run |= {"population": 16, "iterations": 2, "validate_every": 2, "validation_episodes": 8, "test_episodes": 12}
    levels = {"sudoku": [1, 2]} if quick else {"sudoku": [1, 2, 3, 4, 6], "hanoi": [1, 2, 3, 6]}
    drawn = {"sudoku": [1]} if quick else {"sudoku": [1, 2, 3], "hanoi": [1, 2]}
    grpo = {"value": 3e-4, "batch": 64, "group": 8}
    trained: dict[str, dict[str, int]] = {"sudoku": {"1": 2, "2": 2}}
    taught = {"levels": {"gripper": [1]}, "imitation": {"steps": 60, "positions": 16, "seed": 1}}
    if not quick:
        trained = {"sudoku": {"1": 3, "2": 2, "3": 2}, "hanoi": {"1": 2, "2": 2}, "gripper": {"1": 2, "5": 2, "9": 1}}
        taught = {"levels": {"gripper": [1, 5, 9]}, "imitation": {"steps": 3000, "positions": 48, "seed": 1}}
    return {"levels": levels, "climb": 4, "threshold": 0.4, "seeds": 2 if quick else 3, "run": run,
            "drawn": drawn, "grpo": grpo, "grpo_seeds": trained, "taught": taught}  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A row for each environment, level, way of training and seed."""
    need("This study", "torch", "trl", "datasets", extra="trl")
    rows = _trained(bench, settings, settings["levels"], style_of(bench.model))
    taught = settings["taught"]
    for env, levels in taught["levels"].items():
        directory, recipe = bench.out / "models" / env, {"env": env, **taught["imitation"]}
        bench.row(f"{env}-taught", recipe, partial(_teach, directory, recipe), leaves=directory / WEIGHTS)
        for row in _trained(replace(bench, model=str(directory)), settings, {env: levels}, "plain"):
            key = {"env": env, "level": row["level"], "episodes": settings["run"]["test_episodes"]}
            name = f"{env}-{row['level']}-knows"
            rows.append(row | {"knows": bench.row(name, key | recipe, partial(_knows, directory, key))})
    return rows


def _trained(
    bench: Bench, settings: Mapping[str, Any], levels: Mapping[str, Sequence[int]], style: Memoryless
) -> list[Row]:
    """The rows of one base."""
    rows: list[Row] = []
    for env, level in ((env, level) for env, chosen in levels.items() for level in chosen):
        steps = fmean(_steps(env, level, settings["run"]["test_episodes"]))
        evolved = _evolved(bench, settings, env, level)
        if level in settings["drawn"].get(env, ()):
            evolved += _on_samples(bench, settings, env, level, evolved[0]["base"])
        reinforced = _reinforced(bench, settings, env, level, evolved[0]["base"], style)
        rows += [{"env": env, "level": level, "steps": steps} | row for row in evolved + reinforced]
    return rows


def _teach(directory: Path, recipe: Mapping[str, Any]) -> Row:
    from esreason.studies.carrier import make

    return make(directory, **recipe)


def _knows(directory: Path, key: Mapping[str, Any]) -> Row:
    from esreason.studies.imitation import knows

    return knows(directory, key["env"], key["episodes"], key["level"])


def _evolved(bench: Bench, settings: Mapping[str, Any], env: str, level: int) -> list[Row]:
    ways: dict[str, dict[str, Any]] = {DIRECT: {}}
    if 1 < level <= settings["climb"]:
        ways[CURRICULUM] = {"curriculum": f"1-{level}@{settings['threshold']}"}
    rows = []
    for way, options in ways.items():
        for seed in range(settings["seeds"]):
            name = f"{env}-{level}-{'climb' if options else 'direct'}-{seed}"
            result = bench.run(name, env=env, level=level, seed=seed, **settings["run"], **options)
            rows.append({"way": way, "seed": seed} | {part: result[part] for part in ("base", "tuned")})
    return rows


def _on_samples(bench: Bench, settings: Mapping[str, Any], env: str, level: int, base: Row) -> list[Row]:
    """Rows of runs whose episodes are sampled, validation's too; the weights that it chose are scored greedily."""
    rows = []
    for seed in range(settings["seeds"]):
        name, options = f"{env}-{level}-drawn-{seed}", {"temperature": 1.0, **settings["run"]}
        bench.run(name, env=env, level=level, seed=seed, **options)
        key = {"env": env, "level": level, "seed": seed, **options}
        played = bench.row(name, key, partial(_greedily, bench, name, env, level, options["test_episodes"]))
        rows.append({"way": SAMPLED, "seed": seed, "base": base, "tuned": played})
    return rows


def _greedily(bench: Bench, name: str, env: str, level: int, count: int) -> Row:
    """The success of the run's chosen checkpoint on the test tasks at temperature 0."""
    from esreason.studies.centre import play_elsewhere
    from esreason.studies.played import tasks_of

    played = play_elsewhere(bench.out / "runs" / name, tasks_of(env, level, "test", count))
    return summary_of([episode.score for episode in played])


def _reinforced(
    bench: Bench, settings: Mapping[str, Any], env: str, level: int, base: Row, style: Memoryless
) -> list[Row]:
    """GRPO's rows; one alone, with the base as its outcome, where the base's own samples are never rewarded.

    Equal rewards mean advantages of zero and so no gradient: training could not move a weight, and is not carried.
    """
    run, grpo = settings["run"], settings["grpo"]
    each = run["population"] * run["tasks"]  # episodes of an iteration of evolution
    key = {"env": env, "level": level, "sequences": run["iterations"] * each, "group": grpo["group"], "prompt": style}
    seeds = settings["grpo_seeds"].get(env, {}).get(str(level))
    if seeds is None:
        return []
    sampled = bench.row(f"{env}-{level}-sampled", key, partial(_sampled, bench.model, key))
    if not sampled["rewarded"]:
        return [{"way": GRPO, "seed": 0, "base": base, "tuned": base} | sampled]
    from esreason.studies.es_vs_grpo import run_grpo

    rows = []
    for seed in range(seeds):
        options = {**key, **grpo, "method": "grpo", "seed": seed, "validate_every": run["validate_every"] * each,
                   "validation_episodes": run["validation_episodes"], "test": run["test_episodes"]}  # fmt: skip
        name = f"{env}-{level}-grpo-{seed}"
        row = bench.row(name, options, partial(run_grpo, bench.out, bench.model, options, name))
        rows.append({"way": GRPO, "seed": seed, "base": row["before"], "tuned": row["after"]} | sampled)
    return rows


def _sampled(model: str, key: Mapping[str, Any]) -> Row:
    """How many of the episodes that GRPO would play are rewarded at all, as long as the weights are the base's."""
    from esreason.engines.torch_engine import TorchEngine
    from esreason.models import model_path
    from esreason.studies.played import play, tasks_of

    tasks = tasks_of(key["env"], key["level"], "train", key["sequences"] // key["group"])
    played = play(
        TorchEngine(model_path(model)), [task for task in tasks for _ in range(key["group"])], 1.0, style=key["prompt"]
    )
    return {"sampled": len(played), "rewarded": sum(one.episode.score > 0 for one in played)}


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
    """Success by length, before and after, and how often the base's own samples are rewarded."""
    body = []
    for (env, level, way), group in _groups(rows).items():
        tuned, base = [row["tuned"]["score"] for row in group], group[0]["base"]
        trained = group[0].get("rewarded") != 0
        body.append((
            f"{env} level {level}, {way}", f"{group[0]['steps']:.1f}",
            f"{100 * base['score']:.1f} {interval(*base['ci95'])}", f"{100 * fmean(tuned):.1f}",
            _over_seeds(tuned) if trained else "no reward: stays the base",
            str(len(group)) if trained else "-",
        ))  # fmt: skip
    heads = ("training", "steps of the solver", "base, %", "tuned, %", "95 % over seeds", "seeds")
    first = {(row["env"], row["level"]): row for row in rows if "rewarded" in row}
    signal = [
        (f"{env} level {level}", f"{row['steps']:.1f}", f"{row['rewarded']} of {row['sampled']}",
         f"{100 * row['rewarded'] / row['sampled']:.2f} {interval(*wilson(row['rewarded'], row['sampled']))}")
        for (env, level), row in first.items()
    ]  # fmt: skip
    seen = ("task", "steps of the solver", "rewarded", "%")
    made = [Sheet("Success by length of the task", heads, tuple(body)),
            Sheet("The base's own samples at temperature 1, which GRPO starts from", seen, tuple(signal))]  # fmt: skip
    known = {(row["env"], row["level"]): row for row in rows if "knows" in row}
    if known:
        lines = [(f"{env} level {level}", f"{row['steps']:.1f}", f"{100 * row['knows']['score']:.1f}",
                  interval(*row["knows"]["ci95"])) for (env, level), row in known.items()]  # fmt: skip
        shown = ("task", "steps of the solver", "behind the expert's mark, %", "95 %")
        made.append(Sheet("What the taught bases know and do not show", shown, tuple(lines)))
    return made


def _over_seeds(scores: Sequence[float]) -> str:
    """Student's interval, cut to what a share can be; a dash for a single seed."""
    if len(scores) < 2:
        return "-"
    low, high = t_interval(scores)
    return interval(max(0.0, low), min(1.0, high))


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """Success against steps: base dashed, tuned solid, curriculum and samples dotted, GRPO dash-dotted."""
    made, axes = figure("Success against the steps of a task", "steps of the solver", "success, %")
    for colour, env in zip(COLOURS, dict.fromkeys(row["env"] for row in rows), strict=False):
        for way, style in ((DIRECT, "o-"), (CURRICULUM, "s:"), (SAMPLED, "d:"), (GRPO, "^-.")):
            groups = [group for key, group in _groups(rows).items() if key[0] == env and key[2] == way]
            tuned = [100 * fmean(row["tuned"]["score"] for row in group) for group in groups]
            axes.plot([group[0]["steps"] for group in groups], tuned, style, color=colour, label=f"{env}, {way}")
            if way == DIRECT:
                base = [100 * group[0]["base"]["score"] for group in groups]
                axes.plot([group[0]["steps"] for group in groups], base, "--", color=colour, label=f"{env}, base")
    axes.legend(frameon=False, fontsize=8)
    return {"horizon": made}
