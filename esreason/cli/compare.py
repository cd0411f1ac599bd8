"""`esreason compare`: say whether one of two runs is better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from esreason.cli.options import AsJson


def command(
    first: Annotated[Path, typer.Argument(help="A run folder.")],
    second: Annotated[Path, typer.Argument(help="Another one, of the same environment, level and mode.")],
    phase: Annotated[str, typer.Option("--phase", help="tuned or base.")] = "tuned",
    as_json: AsJson = False,
) -> None:
    """Say in words and a table whether one of two runs is better on the tasks that both played."""
    from esreason.core.errors import UsageError
    from esreason.es.folder import RunFolder
    from esreason.report.comparison import comparison, verdict_of
    from esreason.report.console import TABLE, console

    if phase not in ("tuned", "base"):
        raise UsageError(f"--phase is tuned or base, not {phase!r}")
    folders = RunFolder.open(first), RunFolder.open(second)
    if any(folder.is_challenge for folder in folders):
        raise UsageError("a challenge plays tasks of its own; `esreason leaderboard` ranks it among other challenges")
    tasks = [_tasks(folder.result()) for folder in folders]
    if tasks[0] != tasks[1]:
        raise UsageError(f"the runs did not play the same tasks: {_words(tasks[0])} against {_words(tasks[1])}")
    scores = folders[0].scores(phase), folders[1].scores(phase)
    names = (first.name, second.name) if first.name != second.name else (str(first), str(second))
    if as_json:
        sentence, p = verdict_of(names, scores)
        print(json.dumps({"runs": [str(first), str(second)], "phase": phase, "p": p, "verdict": sentence}))
    else:
        out = console(least=TABLE)
        out.print(comparison(names, scores))


def _tasks(result: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(result.get(name) for name in ("env", "env_version", "level", "mode", "given"))


def _words(tasks: tuple[Any, ...]) -> str:
    what = f"given tasks {tasks[4]['sha256'][:8]}" if tasks[4] else f"level {tasks[2]}"
    return f"{tasks[0]} version {tasks[1]} {what} in {tasks[3]}"
