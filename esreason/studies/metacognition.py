"""Whether evolution makes a model know when it will be right, at the success it had, and in another family.

Each seed first trains for success alone, so that right and wrong answers are both common. From that model three
trainings of equal budget start: for metacognition (the graded reward), for success again, and a random walk with the
same reward. All of them are asked for a grade of confidence before each task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    "metacognition": {"objective": "metacognition"},
    "success": {"objective": "return"},
    "random walk": {"objective": "metacognition", "strategy": "shuffled"},
}
SHOWN = {"accuracy": "right answers", "confidence": "mean grade", "d_prime": "type-2 d'", "auroc": "type-2 AUROC",
         "gamma": "gamma"}  # fmt: skip
YOUNGER = {"meta_d_prime": "meta-d'", "m_ratio": "M-ratio"}
"""Shown as well where the rows have them: rows of the first studies do not."""


def settings(quick: bool) -> dict[str, Any]:
    """`unseen` is an environment of another family, played by the trained models and never trained on."""
    run = {"population": 32, "tasks": 16, "sigma": 0.01, "validate_every": 5, "validation_episodes": 64,
           "test_episodes": 200}  # fmt: skip
    if quick:
        run |= {"population": 16, "tasks": 8, "validate_every": 3, "validation_episodes": 16, "test_episodes": 24}
    return {
        "env": "register_machine", "unseen": "bet", "judgement": "graded", "seeds": 2 if quick else 3,
        "first": 2 if quick else 6, "second": 2 if quick else 15, "run": run,
    }  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A row for each seed, way, environment and phase: before and after the second training."""
    rows = []
    for seed in range(settings["seeds"]):
        common = {"env": settings["env"], "judgement": settings["judgement"], "seed": seed, **settings["run"]}
        first = f"first-{seed}"
        bench.run(first, iterations=settings["first"], **common)
        start = _exported(bench.out, first)
        for way, options in WAYS.items():
            name = f"{way.replace(' ', '-')}-{seed}"
            result = Bench(bench.out, start, bench.quick, bench.workers, bench.tell).run(
                name, iterations=settings["second"], **common, **options
            )
            seen = {"seen": result["metacognition"]}
            key = {"unseen": settings["unseen"], "second": settings["second"], **common}
            work = partial(_unseen, bench.out / "runs" / name, settings["unseen"], common["test_episodes"])
            seen["unseen"] = bench.row(name, key, work)
            for place, phases in seen.items():
                rows += [{"seed": seed, "way": way, "tasks": place, "phase": phase, **phases[phase]}
                         for phase in ("base", "tuned")]  # fmt: skip
    return rows


def _exported(out: Path, name: str) -> str:
    """The directory of a run's model, written if it is not there yet."""
    from esreason.engines.torch_checkpoint import rebuild
    from esreason.es.folder import RunFolder
    from esreason.es.seedlog import updates
    from esreason.models import model_path

    directory = out / "models" / name
    if not (directory / "config.json").is_file():
        folder = RunFolder.open(out / "runs" / name)
        header, lines = folder.seedlog.read()
        chosen = updates(header, lines[: folder.result()["checkpoint"]])
        rebuild(model_path(folder.config().model), chosen, directory)
    return str(directory)


def _unseen(run: Path, env: str, count: int) -> Row:
    """The measures of a run's model before and after on the test tasks of an environment that it was not trained on."""
    from esreason.es.folder import RunFolder
    from esreason.objectives.sensitivity import measured
    from esreason.rollout.judgement import read
    from esreason.studies.centre import play_elsewhere
    from esreason.studies.played import tasks_of

    judgement, tasks = RunFolder.open(run).config().judgement, tasks_of(env, 1, "test", count)
    found = {}
    for phase, checkpoint in (("base", 0), ("tuned", None)):
        episodes = play_elsewhere(run, tasks, checkpoint)
        right = [bool(episode.verdict["passed"]) for episode in episodes]
        found[phase] = measured(right, [read(judgement, episode.actions[0]) for episode in episodes])
    return found


def _changes(rows: Sequence[Row], way: str, tasks: str, measure: str) -> list[tuple[float, float]]:
    """(before, after) of each seed."""
    chosen = [row for row in rows if row["way"] == way and row["tasks"] == tasks]
    before = [row[measure]["value"] for row in chosen if row["phase"] == "base"]
    after = [row[measure]["value"] for row in chosen if row["phase"] == "tuned"]
    return [(b, a) for b, a in zip(before, after, strict=True) if b is not None and a is not None]


def _shown(rows: Sequence[Row]) -> dict[str, str]:
    """The measures that every row has, and their names for people."""
    return SHOWN | {name: words for name, words in YOUNGER.items() if all(name in row for row in rows)}


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """The change of each measure by way of training, on the tasks trained on and on those of the other family."""
    made, shown = [], _shown(rows)
    for tasks, title in (("seen", "On the environment trained on"), ("unseen", "On an environment of another family")):
        body = []
        for way in WAYS:
            for measure, words in shown.items():
                pairs = _changes(rows, way, tasks, measure)
                if len(pairs) < 2:
                    body.append((f"{way}: {words}", *("-",) * 3, "cannot be estimated in enough seeds"))
                    continue
                if len(pairs) < len(_changes(rows, way, tasks, "accuracy")):
                    words += f", {len(pairs)} seeds"
                changes = [after - before for before, after in pairs]
                start, end = (fmean(values) for values in zip(*pairs, strict=True))
                low, high = t_interval(changes)
                spread = f"[{low:+.3f}, {high:+.3f}]"
                body.append((f"{way}: {words}", f"{start:.3f}", f"{end:.3f}", f"{fmean(changes):+.3f}", spread))
        heads = ("second training: measure", "before", "after", "change", "95 % over seeds")
        made.append(Sheet(title, heads, tuple(body)))
    each = [
        (f"{row['way']}, seed {row['seed']}, {row['tasks']}, {row['phase']}", *(_cell(row[m]) for m in shown))
        for row in rows
    ]  # fmt: skip
    return [*made, Sheet("Every model, 95 % over tasks", ("second training", *shown.values()), tuple(each))]


def _cell(part: Mapping[str, Any]) -> str:
    """A measure and its interval; a dash for what cannot be estimated."""
    if part["value"] is None:
        return "-"
    return f"{part['value']:.2f} " + ("-" if part["ci95"] is None else "[{:.2f}, {:.2f}]".format(*part["ci95"]))


def plots(rows: Sequence[Row]) -> dict[str, Figure]:
    """Sensitivity against success, an arrow a seed."""
    made, axes = figure("Before and after, an arrow a seed", "right answers, %", "type-2 AUROC")
    for colour, way in zip(COLOURS, WAYS, strict=False):
        accuracy, auroc = (_changes(rows, way, "seen", measure) for measure in ("accuracy", "auroc"))
        for number, (across, up) in enumerate(zip(accuracy, auroc, strict=True)):
            axes.plot([100 * x for x in across], up, "-", color=colour, label=way if not number else None)
            axes.plot([100 * across[1]], [up[1]], "o", color=colour)
    axes.axhline(0.5, color="grey", linewidth=0.8)
    axes.legend(frameon=False, fontsize=8)
    return {"sensitivity": made}
