"""What a probe around the base foretells of a run, against runs: peak, rise, walk and advice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from esreason.core.statistics import t_interval
from esreason.es.config import make_config
from esreason.es.folder import RunFolder
from esreason.es.probe import climb, player
from esreason.es.syllabus import Syllabus
from esreason.executors.pool import pool
from esreason.report.numbers import interval
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies import quadratics
from esreason.studies.bench import Bench, Row
from esreason.theory.advice import Diagnosis, diagnose
from esreason.theory.forecast import Plan
from esreason.theory.ladder import Ladder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Setting = tuple[str, float, float]
"""Environment, sigma, alpha."""


def settings(quick: bool) -> dict[str, Any]:
    """Pairs of sigma and alpha from the gentle to the reckless; the advised pair is added for each environment."""
    if quick:
        return {
            "envs": ["sorting"], "pairs": [[0.04, 0.08]], "seeds": 2, "walks": 4, "steps": 40, "luck": 0.2,
            "populations": [8], "plateaus": [[0.5, 8], [1.0, 8]], "members": 8, "probe_tasks": 8,
            "run": {"population": 8, "tasks": 4, "iterations": 6, "validate_every": 2, "validation_episodes": 32,
                    "test_episodes": 12},
        }  # fmt: skip
    return {
        "envs": ["sorting", "countdown"], "pairs": [[0.025, 0.1]], "seeds": 3,
        "walks": 100, "steps": 200, "luck": 0.2, "populations": [6, 10, 30, 100],
        "plateaus": [[0.25, 30], [0.5, 30], [0.5, 15], [0.5, 100]], "members": 32, "probe_tasks": 64,
        "run": {"population": 16, "tasks": 8, "iterations": 24, "validate_every": 3, "validation_episodes": 64,
                "test_episodes": 16},
    }  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """Quadratics, then for each environment a ladder, its forecasts, runs, and a walk with shuffled fitness."""
    parts = ("walks", "steps", "luck", "populations", "plateaus")
    known = bench.row("quadratics", {part: settings[part] for part in parts}, lambda: {
        "rows": [*quadratics.populations(settings), *quadratics.spectrum(settings)]
    })  # fmt: skip
    rows: list[Row] = list(known["rows"])
    for env in settings["envs"]:
        ladder = _ladder(bench, env, settings)
        advised = diagnose(ladder, _plan(settings))
        chosen = (float(advised.plan.sigma or 0.0), advised.alpha)
        for sigma, alpha in dict.fromkeys([*map(tuple, settings["pairs"]), chosen]):
            rows.append(_told(env, diagnose(ladder, _plan(settings, sigma, alpha)), (sigma, alpha) == chosen))
    told = [row for row in rows if row["kind"] == "told"]
    rows += [_run(bench, row, 0, "shuffled", settings) for row in told]
    rows += [_run(bench, row, seed, "mirrored", settings) for seed in range(settings["seeds"]) for row in told]
    return rows


def _plan(settings: Mapping[str, Any], sigma: float | None = None, alpha: float | None = None) -> Plan:
    run = settings["run"]
    return Plan(run["population"], run["iterations"], run["tasks"], sigma, alpha)


def _ladder(bench: Bench, env: str, settings: Mapping[str, Any]) -> Ladder:
    size = {"members": settings["members"], "probe_tasks": settings["probe_tasks"]}

    def climbed() -> Row:
        config = make_config({"env": env, "model": bench.model})
        tasks = Syllabus(config).probe(size["probe_tasks"], config.level)
        with pool(config, bench.workers) as executor:
            return climb(player(executor, tasks, 0), 0, lambda _: None, size["members"]).to_dict()

    return Ladder.from_dict(bench.row(f"ladder-{env}", {"env": env, **size}, climbed))


def _told(env: str, found: Diagnosis, advised: bool) -> Row:
    plan = found.plan
    return {
        "kind": "told", "env": env, "sigma": plan.sigma, "alpha": found.alpha, "advised": advised,
        "peak": [found.peak.value, found.peak.low, found.peak.high],
        "rise": [found.rise.value, found.rise.low, found.rise.high], "edge": found.edge.value,
        "horizon": found.horizon.value, "course": list(found.course), "kept": list(found.kept),
    }  # fmt: skip


def _run(bench: Bench, told: Row, seed: int, strategy: str, settings: Mapping[str, Any]) -> Row:
    """The validation curve of a run with the settings of a forecast."""
    env, sigma, alpha = told["env"], told["sigma"], told["alpha"]
    name = f"{env}-{strategy}-{sigma:g}-{alpha:g}-{seed}"
    result = bench.run(name, env=env, sigma=sigma, alpha=alpha, seed=seed, strategy=strategy, **settings["run"])
    header, lines = RunFolder.open(bench.out / "runs" / name).seedlog.read()
    curve = [[0, header.validation]]
    curve += [[line["iteration"] + 1, line["validation"]] for line in lines if line["validation"] is not None]
    return {"kind": "run", "env": env, "sigma": sigma, "alpha": alpha, "seed": seed, "strategy": strategy,
            "population": settings["run"]["population"], "curve": curve, "checkpoint": result["checkpoint"],
            "distance": result["drift"] / math.sqrt(result["parameters"])}  # fmt: skip


def _groups(rows: Sequence[Row], strategy: str) -> dict[Setting, list[Row]]:
    groups: dict[Setting, list[Row]] = {}
    for row in rows:
        if row["kind"] == "run" and row["strategy"] == strategy:
            groups.setdefault((row["env"], row["sigma"], row["alpha"]), []).append(row)
    return groups


def _mean(runs: Sequence[Row]) -> list[tuple[int, float]]:
    """The mean validation score of several seeds by iteration."""
    return [(points[0][0], fmean(score for _, score in points)) for points in zip(*(run["curve"] for run in runs))]  # noqa: B905


def _peak(curve: Sequence[Sequence[float]]) -> tuple[int, float]:
    t, score = max(curve, key=lambda point: point[1])
    return int(t), float(score)


def _drifts(runs: Sequence[Row]) -> list[tuple[str, ...]]:
    """The drift law beside what was walked; the checkpoint 0 is the base itself."""
    lines: list[tuple[str, ...]] = []
    for run in runs:
        law = run["alpha"] * math.sqrt(run["checkpoint"] / run["population"])
        if law > 0:
            name = f"{run['env']}, {run['strategy']}, sigma {run['sigma']:g}, alpha {run['alpha']:g}"
            cells = f"{law:.4f}", f"{run['distance']:.4f}", f"{run['distance'] / law:.2f}"
            lines.append((name, str(run["seed"]), str(run["checkpoint"]), *cells))
    return lines


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """Quadratics, then what was foretold of the runs and what they did."""
    told = {(row["env"], row["sigma"], row["alpha"]): row for row in rows if row["kind"] == "told"}
    runs, walks = _groups(rows, "mirrored"), _groups(rows, "shuffled")
    heads = ("population", "peak told", "seen", "single runs", "best told", "seen", "seen at told", "last told", "seen")
    known = quadratics.quadratic_cells([row for row in rows if row["kind"] == "quadratic"])
    spectra = tuple(
        (f"{row['closed']:.1f}", f"{row['read']:.1f}", f"{row['noise']:.2f}", f"{row['read'] / row['noise']:.1f}")
        for row in rows if row["kind"] == "spectrum"
    )  # fmt: skip
    return [
        Sheet("Quadratic, 16 stiff and 112 soft modes: iteration of the peak and rewards", heads, known),
        Sheet("Effective dimension from plateaus of plain-gradient runs",
              ("closed form", "read from the slope", "noise factor", "read over factor"), spectra),
        Sheet("Peak of the validation score, told by a probe and seen",
              ("run", "told", "95 %", "seen", "single seeds", "told best, %", "seen best, %", "seen last, %",
               "95 % over seeds"), tuple(_peaks(told[key], key, group) for key, group in runs.items())),
        Sheet("Rise, and the walk with shuffled fitness",
              ("run", "told rise", "95 %", "seen rise", "walk told to keep, %", "walk keeps, %"),
              tuple(_walks(told[key], key, group, walks[key]) for key, group in runs.items())),
        Sheet("Distance from the base at the chosen checkpoint, a weight: alpha sqrt(T / N), and seen",
              ("run", "seed", "checkpoint", "drift law", "seen", "ratio"),
              tuple(line for groups in (runs, walks) for group in groups.values() for line in _drifts(group))),
    ]  # fmt: skip


def _name(key: Setting, told: Row) -> str:
    env, sigma, alpha = key
    return f"{env}, sigma {sigma:g}, alpha {alpha:g}{' (advised)' if told['advised'] else ''}"


def _peaks(told: Row, key: Setting, runs: Sequence[Row]) -> tuple[str, ...]:
    mean, singles = _mean(runs), [_peak(run["curve"])[0] for run in runs]
    last = [run["curve"][-1][1] for run in runs]
    value, low, high = told["peak"]
    seen, best = _peak(mean)
    return (
        _name(key, told), f"{value:.0f}", f"{low:.0f} to {high:.0f}", str(seen), ", ".join(map(str, sorted(singles))),
        f"{100 * max(told['course']):.0f}", f"{100 * best:.0f}", f"{100 * fmean(last):.0f}",
        interval(*(max(0.0, min(1.0, end)) for end in t_interval(last))),
    )  # fmt: skip


def _walks(told: Row, key: Setting, runs: Sequence[Row], walks: Sequence[Row]) -> tuple[str, ...]:
    """The mean curve's slope up to its first validation, and what a walk of the same length leaves of the base."""
    mean = _mean(runs)
    t, score = mean[1]
    base, walked = mean[0][1], _mean(walks)[-1][1]
    value, low, high = told["rise"]
    return (
        _name(key, told), f"{100 * value:.1f}", f"[{100 * low:.1f}, {100 * high:.1f}]",
        f"{100 * (score - base) / t:.1f}", f"{100 * told['kept'][-1]:.0f}",
        f"{100 * walked / base:.0f}" if base > 0 else "base 0",
    )  # fmt: skip


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """Foretold courses (broken) and mean validation scores, an environment a plot."""
    told = {(row["env"], row["sigma"], row["alpha"]): row for row in rows if row["kind"] == "told"}
    runs, walks, made = _groups(rows, "mirrored"), _groups(rows, "shuffled"), {}
    for env in dict.fromkeys(env for env, _, _ in runs):
        title = f"{env}: told by a probe (broken), seen, and walking (dotted)"
        made[env], axes = figure(title, "iteration", "success, %")
        for place, key in enumerate(key for key in runs if key[0] == env):
            colour = COLOURS[place % len(COLOURS)]
            axes.plot([100 * score for score in told[key]["course"]], "--", color=colour, linewidth=0.8)
            label = f"sigma {key[1]:g}, alpha {key[2]:g}"
            for group, style, name in ((runs[key], "-", label), (walks[key], ":", None)):
                mean = _mean(group)
                axes.plot([t for t, _ in mean], [100 * s for _, s in mean], style, color=colour, label=name)
        axes.legend(frameon=False, fontsize=8)
    return made
