"""The spread over seeds of a default run, beside a random walk of the same length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import stdev
from typing import TYPE_CHECKING, Any

from esreason.core.statistics import t_interval
from esreason.report.numbers import interval
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import Bench, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEPT = ("base", "tuned", "sigma", "alpha", "checkpoint", "iterations", "episodes", "tokens")


def settings(quick: bool) -> dict[str, Any]:
    """`mirrored` is the default; `shuffled` deals every fitness to a wrong member and walks as far.

    In full all is as by default but for the iterations: these two environments have risen after twenty.
    """
    small = {"iterations": 6, "population": 32, "test_episodes": 100, "sigma": 0.04} if quick else {"iterations": 20}
    return {
        "envs": ["sorting"] if quick else ["sorting", "countdown"], "strategies": ["mirrored", "shuffled"],
        "seeds": 2 if quick else 5, "run": small,
    }  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A run for each environment, strategy and seed."""
    rows = []
    for env in settings["envs"]:
        for strategy in settings["strategies"]:
            for seed in range(settings["seeds"]):
                result = bench.run(f"{env}-{strategy}-{seed}", env=env, strategy=strategy, seed=seed, **settings["run"])
                rows.append({"env": env, "strategy": strategy, "seed": seed} | {name: result[name] for name in KEPT})
    return rows


def _gains(rows: Sequence[Row]) -> dict[tuple[str, str], list[float]]:
    """Points gained by each seed, by environment and strategy."""
    groups: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        gain = 100 * (row["tuned"]["score"] - row["base"]["score"])
        groups.setdefault((row["env"], row["strategy"]), []).append(gain)
    return groups


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """The gain over seeds, and every run."""
    body = []
    for (env, strategy), gains in _gains(rows).items():
        low, high = t_interval(gains)
        spread = stdev(gains) if len(gains) > 1 else 0.0
        cells = f"{sum(gains) / len(gains):+.1f}", f"[{low:+.1f}, {high:+.1f}]", f"{spread:.1f}", f"{min(gains):+.1f}"
        body.append((f"{env}, {strategy}", str(len(gains)), *cells))
    heads = ("environment, strategy", "seeds", "points gained", "95 % over seeds", "s.d.", "worst seed")
    runs = [
        (f"{row['env']}, {row['strategy']}", str(row["seed"]), _cell(row["base"]), _cell(row["tuned"]),
         f"{row['checkpoint']} of {row['iterations']}", f"{row['sigma']:g}")
        for row in rows
    ]  # fmt: skip
    each = ("environment, strategy", "seed", "base, %", "tuned, %", "checkpoint", "sigma")
    return [Sheet("Gain over seeds", heads, tuple(body)), Sheet("Every run", each, tuple(runs))]


def _cell(summary: Mapping[str, Any]) -> str:
    return f"{100 * summary['score']:.1f} {interval(*summary['ci95'])}"


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """A point a run."""
    made, axes = figure("Points gained, a point a seed", "", "points of success")
    groups = _gains(rows)
    for place, ((_, strategy), gains) in enumerate(groups.items()):
        axes.plot([place] * len(gains), gains, "o", color=COLOURS[strategy != "mirrored"], alpha=0.7)
    axes.set_xticks(range(len(groups)), [f"{env}\n{strategy}" for env, strategy in groups])
    axes.axhline(0, color="grey", linewidth=0.8)
    return {"gains": made}
