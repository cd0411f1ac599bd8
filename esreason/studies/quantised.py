"""Integer weights against floats, and what becomes of the part of a step that is no whole step of the grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from esreason.core.statistics import t_interval
from esreason.es.folder import RunFolder
from esreason.es.seedlog import updates
from esreason.models import model_path
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import Bench, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAIN = "int4, residual kept"
"""What the other arms are compared with."""

ARMS: dict[str, dict[str, Any]] = {
    "float": {"noise": "dense"},
    "int8, residual kept": {"quantize": "int8"},
    MAIN: {"quantize": "int4"},
    "int4, kept from zero": {"quantize": "int4", "residual_start": "zero"},
    "int4, gamma 0.9": {"quantize": "int4", "residual_start": "zero", "gamma": 0.9},
    "int4, replay of 5": {"quantize": "int4", "residual": "replay", "replay_window": 5},
    "int4, rounded at random": {"quantize": "int4", "residual": "quzo"},
    "int4, rounded to nearest": {"quantize": "int4", "residual": "none"},
}
_LARGE = [arm for arm in ARMS if arm not in ("int4, kept from zero", "int4, gamma 0.9")]
_FEW = ["float", "int8, residual kept", MAIN, "int4, rounded at random"]
_SLOW = [*_FEW, "int4, rounded to nearest"]
_KEPT = ("base", "tuned", "checkpoint", "iterations", "episodes", "tokens", "seconds")


def settings(quick: bool) -> dict[str, Any]:
    """`parts` are environments with a step and the arms that take it; every arm of a part has the same budget."""
    common = {"validation_episodes": 128, "test_episodes": 100}
    if quick:
        small = {"sigma": 0.05, "alpha": 0.08, "iterations": 4, "validate_every": 2, "population": 32}
        part = {"env": "sorting", "arms": ["float", MAIN, "int4, rounded to nearest"], "run": small}
        return {"parts": {"sorting, large step": part}, "seeds": 2, "run": {**common, "test_episodes": 50}}
    sorting = {"sigma": 0.05, "population": 32}
    large = {"alpha": 0.08, "iterations": 4, "validate_every": 1}
    small = {"alpha": 0.02, "iterations": 12, "validate_every": 2}
    others = {"sigma": 0.04, "population": 64, "alpha": 0.08, "iterations": 6, "validate_every": 2}
    slowly = others | {"alpha": 0.02, "iterations": 18, "validate_every": 6}
    return {
        "parts": {
            "sorting, small step": {"env": "sorting", "arms": list(ARMS), "run": {**sorting, **small}},
            "sorting, large step": {"env": "sorting", "arms": _LARGE, "run": {**sorting, **large}},
            "countdown, large step": {"env": "countdown", "arms": _FEW, "run": others},
            "sudoku, large step": {"env": "sudoku", "arms": _FEW, "run": others},
            "countdown, small step": {"env": "countdown", "arms": _SLOW, "run": slowly},
            "sudoku, small step": {"env": "sudoku", "arms": _SLOW, "run": slowly},
        },
        "seeds": 5, "run": common,
    }  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A run for each part, arm and seed; seed by seed, so that an interrupted study has whole seeds."""
    rows = []
    for seed in range(settings["seeds"]):
        for part, chosen in settings["parts"].items():
            for arm in chosen["arms"]:
                options = {"env": chosen["env"], "seed": seed, **settings["run"], **chosen["run"], **ARMS[arm]}
                name = f"{part}-{arm}-{seed}".replace(", ", "-").replace(" ", "-")
                result = bench.run(name, **options)
                more = bench.row(name, options, lambda name=name: _followed(bench, name))  # type: ignore[misc]
                kept = {field: result[field] for field in _KEPT}
                rows.append({"part": part, "arm": arm, "seed": seed, **kept, **more})
    return rows


def _followed(bench: Bench, name: str) -> Row:
    """What the log of a run says: validation by iteration, and on a lattice the share of codes that each step moved."""
    folder = RunFolder.open(bench.out / "runs" / name)
    header, lines = folder.seedlog.read()
    curve = [(0, header.validation)]
    curve += [(line["iteration"] + 1, line["validation"]) for line in lines if line["validation"] is not None]
    if header.lattice is None:
        return {"curve": curve, "moved": None}
    from esreason.engines.torch_checkpoint import open_checkpoint
    from esreason.es.update_lattice import LatticeCentre

    centre = open_checkpoint(model_path(bench.model), header.lattice)[1]
    assert isinstance(centre, LatticeCentre)
    moved, before = [], centre.codes()
    for update in updates(header, lines):
        centre.apply(update)
        after = centre.codes()
        moved.append(float((after != before).mean()))
        before = after
    return {"curve": curve, "moved": _mean(moved)}


def _groups(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """The rows of each part and arm, in order of the seeds."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: int(row["seed"])):
        groups.setdefault((row["part"], row["arm"]), []).append(row)
    return groups


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """A table for each part: success on validation tasks at the last iteration, never at the best; 95 % over seeds.

    `test` is the test split's, at the checkpoint that validation chose.
    """
    groups = _groups(rows)
    heads = (
        "arm", "seeds", "start, %", "end, %", "95 % over seeds", "worst", "test, %", f"against {MAIN}",
        "95 % of pairs", "codes moved, %",
    )  # fmt: skip
    made = []
    for part in dict.fromkeys(part for part, _ in groups):
        main = {row["seed"]: _end(row) for row in groups.get((part, MAIN), [])}
        arms = [(arm, group) for (other, arm), group in groups.items() if other == part]
        body = [(arm, *_cells(group, {} if arm == MAIN else main)) for arm, group in arms]
        made.append(Sheet(f"{part}: success at the last iteration", heads, tuple(body)))
    return made


def _end(row: Row) -> float:
    return 100 * float(row["curve"][-1][1])


def _cells(group: Sequence[Row], against: Mapping[int, float]) -> tuple[str, ...]:
    ends, start = [_end(row) for row in group], 100 * _mean([row["curve"][0][1] for row in group])
    gaps = [_end(row) - against[row["seed"]] for row in group if row["seed"] in against]
    moved = [row["moved"] for row in group if row["moved"] is not None]
    test = 100 * _mean([row["tuned"]["score"] for row in group])
    return (
        str(len(group)), f"{start:.1f}", f"{_mean(ends):.1f}", _span(ends), f"{min(ends):.1f}", f"{test:.1f}",
        f"{_mean(gaps):+.1f}" if gaps else "", _span(gaps) if len(gaps) > 1 else "",
        f"{100 * _mean(moved):.2f}" if moved else "",
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _span(values: Sequence[float]) -> str:
    low, high = t_interval(values)
    return f"[{low:.1f}, {high:.1f}]"


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """Mean success by iteration, a plot a part; bars are 95 % intervals over seeds."""
    made, groups = {}, _groups(rows)
    for part in dict.fromkeys(part for part, _ in groups):
        drawn, axes = figure(f"{part}: mean over seeds, 95 %", "iteration", "success, %", (6.4, 4.0))
        for number, arm in enumerate(arm for other, arm in groups if other == part):
            curves = [row["curve"] for row in groups[part, arm]]
            across = [point[0] for point in curves[0]]
            values = [[100 * curve[i][1] for curve in curves] for i in range(len(across))]
            spans = [t_interval(column) for column in values]
            means = [_mean(column) for column in values]
            ends = [mean - low for mean, (low, _) in zip(means, spans, strict=True)]
            shifted = [x + 0.06 * number for x in across]  # bars beside each other
            style = "--" if number >= len(COLOURS) else "-"
            axes.errorbar(shifted, means, ends, label=arm, color=COLOURS[number % len(COLOURS)], linestyle=style)
        axes.legend(fontsize=7, frameon=False)
        made[part.replace(", ", "-").replace(" ", "-")] = drawn
    return made
