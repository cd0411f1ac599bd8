"""What `run` and `resume` share: workers, Ctrl-C, the watch, and the outcome."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from esreason.core.env import Mode
from esreason.core.errors import RunError, Unsolved
from esreason.core.mixture import label_of
from esreason.core.statistics import summary_of
from esreason.es.folder import RunFolder
from esreason.es.syllabus import Syllabus, places_by
from esreason.es.trainer import Trainer
from esreason.executors.pool import pool
from esreason.report.console import TABLE, console
from esreason.report.live import Watch
from esreason.report.outcome import Outcome, by_environment, judgements, outcomes
from esreason.rollout.scripted import play


def carry(
    folder: RunFolder, workers: int, ray: str | None, quiet: bool, as_json: bool, gpu: int | None = None
) -> None:
    """Carry a run folder to its result, on one GPU alone if given, and print the outcome."""
    out = console(stderr=as_json)
    workers_of = pool(folder.config(), workers, ray, gpu)
    with folder.lock(), workers_of as executor, Watch(out, quiet or as_json) as watch:
        trainer = Trainer(folder, executor, watch)
        with _interrupts(trainer):
            result = trainer.run()
    if as_json:
        print(json.dumps(result))
        return
    config, rows, out = folder.config(), outcome_rows(result, folder), console(least=TABLE)
    out.print(outcomes(f"{config.about}, {result['mode']}", rows, out.width))
    if config.own_tasks:
        out.print(f"\n{config.own_tasks.sentence}", soft_wrap=True, markup=False)
    if "envs" in result:
        out.print()
        out.print(by_environment(result))
    if "metacognition" in result:
        out.print()
        out.print(judgements(result))
    if not quiet:
        board = "" if config.own_tasks else f"; `esreason submit {folder.path}` puts it on a leaderboard"
        out.print(f"\nThe run is in {folder.path}{board}.", soft_wrap=True, markup=False)


def outcome_rows(result: dict[str, Any], folder: RunFolder) -> list[Outcome]:
    """Tuned, base, solver and random on the same test tasks."""
    level, mode = int(result["level"]), result["mode"]
    seconds = folder.phase_seconds()
    rows = [
        Outcome(name, result[phase], result["test_tokens"].get(phase), seconds.get(phase))
        for name, phase in (("tuned", "tuned"), ("base", "base"))
    ]
    tasks = Syllabus(folder.config()).test()
    for policy in ("solver", "random"):
        began = time.monotonic()
        try:
            episodes = [
                episode for places in places_by([task.env for task in tasks])
                for episode in play(policy, [tasks[place] for place in places], level, _mode(mode))
            ]  # fmt: skip
        except Unsolved:  # a data set that keeps no answers, a given task without a known solution
            continue
        rows.append(Outcome(policy, summary_of([e.score for e in episodes]), None, time.monotonic() - began))
    return rows


def _mode(mode: str) -> Mode:
    return "answer" if mode == "answer" else "steps"


@contextmanager
def _interrupts(trainer: Trainer) -> Iterator[None]:
    """A first Ctrl-C ends the search after the iteration and still scores; a second stops at once."""

    def handle(number: int, frame: FrameType | None) -> None:
        if trainer.stopping:
            raise RunError(f"Stopped. Nothing is lost: `esreason resume {trainer.folder.path}` goes on.")
        trainer.stop("interrupted; Ctrl-C again stops at once")

    old = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def default_folder(env: str) -> Path:
    """A new folder `runs/<env>-<number>` below the working directory."""
    root, label = Path("runs"), label_of(env)
    number = 1
    while (root / f"{label}-{number}").exists():
        number += 1
    return root / f"{label}-{number}"
