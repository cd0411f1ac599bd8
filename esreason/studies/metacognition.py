"""Whether evolution makes a model know when it will be right, at the success it had, and in another family.

Each seed trains the same base in four ways of equal budget: for discernment, for the published reward in its graded
form, for success, and a random walk with the steps of the first. In all of them members draw a grade of confidence
before each task in training; validation and tests take the most likely one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, Any

from esreason.core.statistics import t_interval
from esreason.report.plots import COLOURS, figure
from esreason.report.sheet import Sheet
from esreason.studies.bench import Bench, Row

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

WAYS = {
    "discernment": {"objective": "discernment"},
    "metacognition": {"objective": "metacognition"},
    "success": {"objective": "return"},
    "random walk": {"objective": "discernment", "strategy": "shuffled"},
}
SHOWN = {"accuracy": "right answers", "confidence": "mean grade", "d_prime": "type-2 d'", "auroc": "type-2 AUROC",
         "gamma": "gamma", "meta_d_prime": "meta-d'", "m_ratio": "M-ratio"}  # fmt: skip
PLACES = {"seen": "On the environment trained on", "unseen": "On an environment of another family"}


def settings(quick: bool) -> dict[str, Any]:
    """`unseen` is an environment of another family, played by the trained models and never trained on."""
    run = {"iterations": 15, "population": 32, "tasks": 16, "sigma": 0.01, "validate_every": 5,
           "validation_episodes": 128, "test_episodes": 200}  # fmt: skip
    if quick:
        run |= {"iterations": 3, "population": 16, "tasks": 8, "validate_every": 3, "validation_episodes": 16,
                "test_episodes": 24}  # fmt: skip
    return {
        "env": "register_machine", "unseen": "bet", "seeds": 2 if quick else 5, "measured": 48 if quick else 800,
        "run": {"judgement": "graded", "judgement_temperature": 1.0, **run},
    }  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A row for each seed, way and environment, and for the base, whose weights all of them start from."""
    rows, envs, count = [], dict(zip(PLACES, (settings["env"], settings["unseen"]), strict=True)), settings["measured"]

    def row(piece: str, labels: Row, measure: Callable[[], Row], **key: Any) -> None:
        rows.append({**labels, **bench.row(f"{piece}-{labels['tasks']}", {"count": count, **key}, measure)})

    for seed in range(settings["seeds"]):
        for way, options in WAYS.items():
            name, chosen = f"{way.replace(' ', '-')}-{seed}", {"seed": seed, **settings["run"], **options}
            bench.run(name, env=settings["env"], **chosen)
            for place, env in envs.items():
                labels = {"seed": seed, "way": way, "tasks": place, "phase": "tuned"}
                row(name, labels, partial(_judged, bench.out / "runs" / name, env, count), env=env, **chosen)
    first = bench.out / "runs" / f"{next(iter(WAYS))}-0"
    for place, env in envs.items():
        row("base", {"tasks": place, "phase": "base"}, partial(_judged, first, env, count, 0), env=env)
    return rows


def _judged(run: Path, env: str, count: int, checkpoint: int | None = None) -> Row:
    """The measures of a run's model on test tasks of an environment; of its base at checkpoint 0."""
    from esreason.es.folder import RunFolder
    from esreason.objectives.sensitivity import measured
    from esreason.rollout.judgement import read
    from esreason.studies.centre import play_elsewhere
    from esreason.studies.played import tasks_of

    judgement = RunFolder.open(run).config().judgement
    episodes = play_elsewhere(run, tasks_of(env, 1, "test", count), checkpoint)
    right = [bool(episode.verdict["passed"]) for episode in episodes]
    return measured(right, [read(judgement, episode.actions[0]) for episode in episodes])


def _values(rows: Sequence[Row], way: str, tasks: str, measure: str) -> tuple[float | None, list[float | None]]:
    """The value of the base, and that of each seed after training."""
    of = [row for row in rows if row["tasks"] == tasks]
    [before] = [row[measure]["value"] for row in of if row["phase"] == "base"]
    return before, [row[measure]["value"] for row in of if row["phase"] == "tuned" and row["way"] == way]


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """The change of each measure by way of training, on the tasks trained on and on those of the other family."""
    heads = ("trained for: measure", "before", "after", "change", "95 % over seeds")
    made = [
        Sheet(title, heads, tuple(_change(rows, way, tasks, measure) for way in WAYS for measure in SHOWN))
        for tasks, title in PLACES.items()
    ]
    body = []
    for row in rows:
        model = "base" if row["phase"] == "base" else f"{row['way']}, seed {row['seed']}"
        body.append((f"{model}, {row['tasks']}", *(_cell(row[measure]) for measure in SHOWN)))
    return [*made, Sheet("Every model, 95 % over tasks", ("trained for", *SHOWN.values()), tuple(body))]


def _change(rows: Sequence[Row], way: str, tasks: str, measure: str) -> tuple[str, ...]:
    """A line of a sheet; after training the mean over the seeds in which the measure can be estimated."""
    before, values = _values(rows, way, tasks, measure)
    after = [value for value in values if value is not None]
    words, start = f"{way}: {SHOWN[measure]}", "-" if before is None else f"{before:.3f}"
    end = f"{fmean(after):.3f}" if after else "-"
    if 0 < len(after) < len(values):
        end += f" ({len(after)} of {len(values)})"
    if before is None or len(after) < 2:
        return words, start, end, "-", "cannot be estimated"
    low, high = t_interval([value - before for value in after])
    return words, start, end, f"{fmean(after) - before:+.3f}", f"[{low:+.3f}, {high:+.3f}]"


def _cell(part: Mapping[str, Any]) -> str:
    """A measure and its interval; a dash for what cannot be estimated."""
    if part["value"] is None:
        return "-"
    return f"{part['value']:.2f} " + ("-" if part["ci95"] is None else "[{:.2f}, {:.2f}]".format(*part["ci95"]))


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """Sensitivity against success, a line a seed from the base to the dot."""
    made = {}
    for name, tasks in (("sensitivity", "seen"), ("transfer", "unseen")):
        made[name], axes = figure(PLACES[tasks], "right answers, %", "type-2 AUROC")
        for colour, way in zip(COLOURS, WAYS, strict=False):
            values = (_values(rows, way, tasks, m) for m in ("accuracy", "auroc"))  # every sample has these two
            (right, *accuracy), (start, *auroc) = ([v for v in (b, *a) if v is not None] for b, a in values)
            for number, (across, up) in enumerate(zip(accuracy, auroc, strict=True)):
                line = [100 * right, 100 * across], [start, up]
                axes.plot(*line, "-", marker="o", markevery=[1], color=colour, label=way if not number else None)
        axes.axhline(0.5, color="grey", linewidth=0.8)
        axes.legend(frameon=False, fontsize=8)
    return made
