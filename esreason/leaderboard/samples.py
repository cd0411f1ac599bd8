"""Stored episodes of an entry, for looking at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from esreason.leaderboard.reading import json_of

MAX_TURNS = 200


def samples(entry: Path, env: str, phase: str, count: int) -> Iterator[dict[str, Any]]:
    """The first episodes of a phase in an environment as {seed, observations, actions, verdict}, long ones cut."""
    found = 0
    path = entry / "transcripts.jsonl"
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if found >= count:
                return
            line = json_of(text.rstrip("\n"), path.name, number)
            if line.get("phase") == phase and line["task"]["env"] == env:
                found += 1
                yield {
                    "seed": line["task"]["seed"], "observations": line["observations"][:MAX_TURNS],
                    "actions": line["actions"][: MAX_TURNS - 1], "score": line["verdict"]["score"],
                    "reason": line["verdict"]["reason"],
                }  # fmt: skip
