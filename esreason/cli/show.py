"""`esreason show`: step through a stored episode."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    run: Annotated[Path, typer.Argument(help="A run folder, or an entry of a board.")],
    episode: Annotated[int, typer.Option("--episode", min=0, help="Which, from 0 on.")] = 0,
    env: Annotated[str | None, typer.Option("--env", help="Only episodes of this environment.")] = None,
    phase: Annotated[str | None, typer.Option("--phase", help="tuned or base [default: tuned].")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the line as JSON.")] = False,
) -> None:
    """Print an episode of a run: every observation, every action, and the verdict."""
    from esreason.core.errors import RunError, UsageError
    from esreason.core.packed import is_stored
    from esreason.es.folder import RunFolder
    from esreason.report.console import console
    from esreason.report.episode import episode_view

    if phase not in (None, "tuned", "base"):
        raise UsageError(f"--phase is tuned or base, not {phase!r}")
    folder = RunFolder(run)
    phase = phase or folder.last_phase
    path, place = folder.transcripts_path, 0
    if not is_stored(path):
        raise RunError(f"{run} has no transcripts.jsonl")
    for line in folder.episodes():
        if line["phase"] != phase or env not in (None, line["task"]["env"]):
            continue
        if place == episode:
            if as_json:
                print(json.dumps(line))
            else:
                try:
                    view = episode_view(line, _rules(run, line))
                except (KeyError, TypeError, ValueError, AttributeError):
                    raise RunError(f"{path} is damaged at this episode: `esreason verify {run}` says how.") from None
                out = console()
                out.print(view, soft_wrap=not out.is_terminal)  # by words for a reader, whole lines for a program
            return
        place += 1
    where = f" of {env}" if env else ""
    raise RunError(f"{path} has no episode {episode}{where} of the phase {phase}.")


def _rules(run: Path, line: dict[str, Any]) -> str:
    """What the player was told; nothing where the settings or the environment are not at hand."""
    from esreason.core.errors import EsreasonError
    from esreason.core.registry import env_class
    from esreason.es.folder import RunFolder

    try:
        mode = RunFolder(run).config().mode
        return env_class(str(line["task"]["env"])).instructions("answer" if mode == "answer" else "steps")
    except (EsreasonError, OSError):
        return ""
