"""Null rows: what the solver, random legal play and the empty answer earn on the same tasks, played whenever asked."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from esreason.core.env import Mode
from esreason.core.registry import env_class
from esreason.rollout.scripted import play

NULLS = ("solver", "random", "empty")


@cache
def null_scores(env: str, level: int, mode: str, n: int) -> dict[str, tuple[float, ...]]:
    """The scores of each scripted player on the test tasks 0 to n - 1: a function of its arguments."""
    tasks = [env_class(env).make_task(seed, level, "test") for seed in range(n)]
    chosen: Mode = "answer" if mode == "answer" else "steps"
    return {name: tuple(episode.score for episode in play(name, tasks, level, chosen)) for name in NULLS}


def null_record(env: str, level: int, mode: str, n: int) -> dict[str, Any]:
    """Null rows as a board keeps them, so that printing it plays nothing; `leaderboard --check` plays them again."""
    scores = {name: list(values) for name, values in null_scores(env, level, mode, n).items()}
    version = env_class(env).version
    return {"env": env, "version": version, "level": level, "mode": mode, "n": n, "scores": scores}


def null_file(record: dict[str, Any]) -> str:
    """The name of the file that keeps a record of null rows."""
    return f"{record['env']}-v{record['version']}-l{record['level']}-{record['mode']}.json"


def null_text(record: dict[str, Any]) -> str:
    """A record of null rows as the bytes that a board keeps."""
    return json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n"


def read_nulls(folder: Path) -> list[Path]:
    """The files of null rows below a board."""
    return sorted(folder.glob("*.json")) if folder.is_dir() else []
