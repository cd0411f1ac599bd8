"""Null rows: what the solver, random legal play and the empty answer earn on the same tasks, played whenever asked."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from esreason.core.code import code_of
from esreason.core.env import Mode
from esreason.core.registry import env_class
from esreason.rollout.episode import Episode
from esreason.rollout.scripted import play

NULLS = ("solver", "random", "empty")


@cache
def _played(env: str, level: int, mode: str, n: int) -> dict[str, list[Episode]]:
    """The episodes of each scripted player on the test tasks 0 to n - 1: a function of its arguments."""
    tasks = [env_class(env).make_task(seed, level, "test") for seed in range(n)]
    chosen: Mode = "answer" if mode == "answer" else "steps"
    return {name: play(name, tasks, level, chosen) for name in NULLS}


def null_scores(env: str, level: int, mode: str, n: int) -> dict[str, list[float]]:
    """The scores of each scripted player by task."""
    return {name: [episode.score for episode in episodes] for name, episodes in _played(env, level, mode, n).items()}


def null_record(env: str, level: int, mode: str, n: int) -> dict[str, Any]:
    """Null rows as a board keeps them, so that printing it plays nothing; `leaderboard --check` plays them again.

    `steps` are the solver's, by task; `code` is the digest of the environment's code that they were played with.
    """
    cls = env_class(env)
    steps = [len(episode.actions) for episode in _played(env, level, mode, n)["solver"]]
    return {
        "env": env, "version": cls.version, "code": code_of(cls).env, "level": level, "mode": mode, "n": n,
        "scores": null_scores(env, level, mode, n), "steps": steps,
    }  # fmt: skip


def good_record(record: dict[str, Any]) -> bool:
    """Whether a record has the form that a board prints."""
    scores = record.get("scores")
    return (
        all(type(record.get(name)) is str for name in ("env", "mode"))
        and all(type(record.get(name)) is int for name in ("version", "level", "n"))
        and isinstance(record.get("steps", []), list)
        and isinstance(scores, dict)
        and all(_good_scores(scores.get(name), record["n"]) for name in NULLS)
    )


def _good_scores(scores: Any, count: int) -> bool:
    return isinstance(scores, list) and len(scores) == count > 0 and all(
        type(score) in (int, float) and 0 <= score <= 1 for score in scores
    )  # fmt: skip


def null_file(record: dict[str, Any]) -> str:
    """The name of the file that keeps a record of null rows."""
    return f"{record['env']}-v{record['version']}-l{record['level']}-{record['mode']}.json"


def null_text(record: dict[str, Any]) -> str:
    """A record of null rows as the bytes that a board keeps."""
    return json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n"


def read_nulls(folder: Path) -> list[Path]:
    """The files of null rows below a board."""
    return sorted(folder.glob("*.json")) if folder.is_dir() else []
