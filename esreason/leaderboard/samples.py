"""Stored episodes of an entry, for looking at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from esreason.core.errors import SubmissionError
from esreason.core.packed import stored_lines
from esreason.leaderboard.reading import MAX_LINE, json_of, plain

MAX_TURNS = 200


def samples(entry: Path, env: str, phase: str, count: int) -> Iterator[dict[str, Any]]:
    """The first episodes of a phase in an environment as {seed, observations, actions, verdict}, long ones cut."""
    path, number = entry / "transcripts.jsonl", 0
    try:
        for number, text in enumerate(stored_lines(path, MAX_LINE), 1):
            if count < 1:
                return
            line = json_of(text.rstrip("\n"), path.name, number)
            if line["phase"] == phase and line["task"]["env"] == env:
                count -= 1
                yield {
                    "seed": line["task"]["seed"], "observations": line["observations"][:MAX_TURNS],
                    "actions": line["actions"][: MAX_TURNS - 1], "score": line["verdict"]["score"],
                    "reason": line["verdict"]["reason"],
                }  # fmt: skip
    except (OSError, UnicodeDecodeError) as error:
        raise SubmissionError(f"{path} cannot be read: {plain(getattr(error, 'strerror', None) or error)}.") from None
    except (KeyError, TypeError):
        raise SubmissionError(f"{path} line {number} is no episode.") from None
