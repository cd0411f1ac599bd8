"""One setting on models of five architectures, each of which knows sorting and does not show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from esreason.core.machine import need
from esreason.core.statistics import t_interval
from esreason.report.numbers import interval, percent
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import WEIGHTS, Bench, Row
from esreason.studies.es_vs_grpo import WORK
from esreason.studies.meter import metered

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def settings(quick: bool) -> dict[str, Any]:
    """Sigma is what the probe of `esreason run` mostly finds for the bundled model; nothing was tuned on these."""
    return {
        "env": "sorting", "architectures": ["gpt2"] if quick else ["llama", "qwen2", "qwen3", "gemma", "gpt2"],
        "seeds": 2 if quick else 5, "imitation": {"steps": 400 if quick else 800, "positions": 48, "seed": 1},
        "common": {"level": 1, "sequences": 1024 if quick else 4096, "validate_every": 512,
                   "validation_episodes": 128, "test": 100 if quick else 400, "prompt": "plain"},
        "es": {"value": 0.025, "population": 64, "tasks": 8}, "grpo": {"value": 3e-4, "batch": 64, "group": 8},
    }  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A model for each architecture, a row for each method and seed on it."""
    need("This study", "torch", "trl", "datasets", extra="trl")
    rows = []
    for name in settings["architectures"]:
        directory = bench.out / "models" / name
        made = partial(_make, name, directory, settings["env"], settings["imitation"])
        recipe = {"env": settings["env"], **settings["imitation"]}
        model = bench.row(f"make-{name}", recipe, made, leaves=directory / WEIGHTS)
        tested = {"env": settings["env"], "episodes": settings["common"]["test"], **settings["imitation"]}
        model |= {"knows": bench.row(f"knows-{name}", tested, partial(_knows, directory, tested))}
        for method, work in WORK.items():
            for seed in range(settings["seeds"]):
                piece = f"{name}-{method}-{seed}"
                key = {"env": settings["env"], "method": method, "seed": seed, **settings["common"], **settings[method]}
                train = partial(metered, work, bench.out, str(directory), key, piece)
                rows.append({"architecture": name, **model} | bench.row(piece, key, train))
    return rows


def _make(name: str, directory: Path, env: str, recipe: Mapping[str, int]) -> Row:
    from esreason.studies.imitation import make

    return make(name, directory, env, **recipe)


def _knows(directory: Path, tested: Mapping[str, Any]) -> Row:
    from esreason.studies.imitation import knows

    return knows(directory, tested["env"], tested["episodes"])


def _groups(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["architecture"], row["method"]), []).append(row)
    return groups


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """Success before and after, over seeds."""
    body = []
    for (name, method), group in _groups(rows).items():
        after = [row["after"]["score"] for row in group]
        low, high = t_interval(after)
        base = group[0]["before"]
        body.append((
            f"{name}, {'ES' if method == 'es' else 'GRPO'}", f"{group[0]['parameters']}",
            f"{percent(base['score'])} {interval(*base['ci95'])}", f"{percent(fmean(after))} {interval(low, high)}",
            percent(min(after)), percent(group[0]["knows"]["score"]),
            f"{1000 * fmean(row['cpu_seconds'] for row in group) / group[0]['sequences']:.1f}",
        ))  # fmt: skip
    heads = ("architecture, method", "parameters", "base (over tasks)", "trained (over seeds)", "worst seed",
             "behind the expert's mark", "CPU ms a sequence")  # fmt: skip
    return [Sheet("Sorting: success on test tasks with 95 % intervals", heads, tuple(body))]


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """A point a seed."""
    made, axes = figure("Sorting: success after training, a point a seed; bars: the base", "", "%")
    names = list(dict.fromkeys(row["architecture"] for row in rows))
    for (name, method), group in _groups(rows).items():
        place = names.index(name) + (-0.15 if method == "es" else 0.15)
        scores = [100 * row["after"]["score"] for row in group]
        label = None if names.index(name) else "ES" if method == "es" else "GRPO"
        axes.plot([place] * len(scores), scores, "o", color=COLOURS[method != "es"], alpha=0.7, label=label)
        axes.bar(names.index(name), 100 * group[0]["before"]["score"], width=0.6, color="0.85", zorder=0)
    axes.set_xticks(range(len(names)), names)
    axes.legend(frameon=False)
    return {"success": made}
