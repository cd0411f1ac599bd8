"""The tables and plots of `es-vs-grpo`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from esreason.core.statistics import t_interval
from esreason.report.numbers import count, percent
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = {
    "base": "base", "es": "ES", "grpo": "GRPO", "search": "random search", "randopt": "RandOpt vote",
}  # fmt: skip
"""What the methods are called, in the order of the tables."""
_SHADES = {"es": COLOURS[0], "grpo": COLOURS[1], "base": COLOURS[6], "search": COLOURS[2], "randopt": COLOURS[3]}


def _groups(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """The rows that count, by environment and method in the order of the tables."""
    envs = list(dict.fromkeys(row["env"] for row in rows))
    keys = [(env, method) for env in envs for method in NAMES]
    found = {
        key: [row for row in rows if (row["env"], row["method"]) == key and not row.get("sweep")] for key in keys
    }
    return {key: group for key, group in found.items() if group}


def _mean(values: Sequence[float], form: Callable[[float], str]) -> str:
    """`mean [low, high]` over seeds; the value alone where there is one."""
    if len(values) < 2:
        return form(values[0])
    low, high = t_interval(values)
    return f"{form(fmean(values))} [{form(low)}, {form(high)}]"


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """Success, cost, what training did to the model, coverage, differences, sweeps."""
    groups = _groups(rows)
    return [_success(groups), _difference(groups), _cost(groups), _change(groups), _coverage(groups), _sweeps(rows)]


def _label(key: tuple[str, str]) -> str:
    return f"{key[0]}, {NAMES[key[1]]}"


def _success(groups: dict[tuple[str, str], list[Row]]) -> Sheet:
    heads = ("environment, method", "seeds", "test success, %", "s.d.", "worst", "mean validation success, %")
    body = []
    for key, group in groups.items():
        scores = [row["test"]["score"] for row in group]
        area = [row["area"] for row in group if "area" in row]
        body.append((
            _label(key), str(len(group)), _mean(scores, _points), _points(stdev(scores)) if len(scores) > 1 else "-",
            _points(min(scores)), _mean(area, _points) if area else "-",
        ))  # fmt: skip
    return Sheet("Success after equal sequences (mean and 95 % interval over seeds)", heads, tuple(body))


def _difference(groups: dict[tuple[str, str], list[Row]]) -> Sheet:
    heads = ("environment", "ES minus GRPO, points", "s.d. of GRPO / s.d. of ES")
    body = []
    for env in dict.fromkeys(env for env, _ in groups):
        es, grpo = ([row["test"]["score"] for row in groups[env, method]] for method in ("es", "grpo"))
        gaps = [a - b for a, b in zip(es, grpo, strict=True)]
        ratio = f"{stdev(grpo) / stdev(es):.2f}" if len(es) > 1 and stdev(es) > 0 else "-"
        body.append((env, _mean(gaps, lambda gap: f"{100 * gap:+.1f}"), ratio))
    return Sheet("Difference, seed by seed", heads, tuple(body))


def _cost(groups: dict[tuple[str, str], list[Row]]) -> Sheet:
    heads = ("environment, method", "sequences", "tokens", "CPU s", "wall s", "CPU ms a sequence", "peak MB")
    body = []
    for key, group in groups.items():
        if "cpu_seconds" not in group[0] or key[1] == "randopt":
            continue
        sequences = group[0]["sequences"]
        cpu, wall = [row["cpu_seconds"] for row in group], [row["seconds"] for row in group]
        body.append((
            _label(key), str(sequences), count(fmean(row["tokens"] for row in group)), _mean(cpu, "{:.0f}".format),
            _mean(wall, "{:.0f}".format), f"{1000 * fmean(cpu) / sequences:.1f}",
            f"{fmean(row['peak_mb'] for row in group):.0f}",
        ))  # fmt: skip
    return Sheet("Cost of one training: a process of one thread, libraries, validation and test included", heads,
                 tuple(body))  # fmt: skip


def _change(groups: dict[tuple[str, str], list[Row]]) -> Sheet:
    heads = ("environment, method", "KL from base, nats a token", "drift norm", "of the base's norm, %", "unmoved, %",
             "other tasks, points")  # fmt: skip
    body = []
    for key, group in groups.items():
        if "drift" not in group[0] or key[1] == "base":
            continue
        [base] = groups[key[0], "base"]
        lost = [fmean(row["prior"][name] - base["prior"][name] for name in base["prior"]) for row in group]
        body.append((
            _label(key), _mean([row["kl"] for row in group], "{:.3f}".format),
            _mean([row["drift"] for row in group], "{:.2f}".format),
            f"{100 * fmean(row['drift_relative'] for row in group):.1f}",
            f"{100 * fmean(row['unmoved'] for row in group):.1f}", _mean(lost, lambda gap: f"{100 * gap:+.1f}"),
        ))  # fmt: skip
    return Sheet("What training did to the model", heads, tuple(body))


def _coverage(groups: dict[tuple[str, str], list[Row]]) -> Sheet:
    ks = list(next(group[0]["pass"] for group in groups.values() if "pass" in group[0]))
    body = [
        (_label(key), *(_mean([row["pass"][k] for row in group], _points) for k in ks))
        for key, group in groups.items()
        if "pass" in group[0] and key[1] != "randopt"
    ]
    heads = ("environment, method", *(f"pass@{k}" for k in ks))
    return Sheet("Coverage at temperature 1, % (the base's row is best-of-k with the verifier as judge)", heads,
                 tuple(body))  # fmt: skip


def _sweeps(rows: Sequence[Row]) -> Sheet:
    """What each value of the tuned number validated at."""
    swept = [row for row in rows if row.get("sweep")]
    body = [
        (f"{row['env']}, {NAMES[row['method']]}", f"{row['value']:g}", percent(row["area"]),
         percent(max(score for _, score in row["curve"])))
        for row in swept
    ]  # fmt: skip
    heads = ("environment, method", "sigma or learning rate", "mean validation success", "best validation success")
    return Sheet("Sweeps at half the budget; the largest mean is taken", heads, tuple(body))


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """Validation curves and coverage, a plot an environment."""
    groups, made = _groups(rows), dict[str, "Figure"]()
    for env in dict.fromkeys(env for env, _ in groups):
        curves, axes = figure(f"{env}: validation success, a line a seed", "sequences", "%")
        for method in ("es", "grpo"):
            for place, row in enumerate(groups[env, method]):
                across, up = [point[0] for point in row["curve"]], [100 * point[1] for point in row["curve"]]
                axes.plot(across, up, color=_SHADES[method], alpha=0.7, label=None if place else NAMES[method])
        axes.legend(frameon=False)
        coverage, axes = figure(f"{env}: pass@k at temperature 1, mean over seeds", "k", "%")
        for method in ("base", "es", "grpo", "search"):
            group = groups[env, method]
            ks = [int(k) for k in group[0]["pass"]]
            up = [100 * fmean(row["pass"][str(k)] for row in group) for k in ks]
            axes.plot(ks, up, "o-", color=_SHADES[method], label=NAMES[method], markersize=3)
        axes.set_xscale("log", base=2)
        axes.set_xticks(ks, [str(k) for k in ks])
        axes.legend(frameon=False)
        made |= {f"{env}-curves": curves, f"{env}-coverage": coverage}
    return made
