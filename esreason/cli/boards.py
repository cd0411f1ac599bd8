"""Where a board is looked for when `--board` names none."""

from __future__ import annotations

from pathlib import Path


def default_board(board: Path | None) -> Path:
    """The named folder; else `leaderboards` in the working directory if it holds a board; else `leaderboard`."""
    if board is not None:
        return board
    published = Path("leaderboards")
    return published if (published / "index.jsonl").is_file() else Path("leaderboard")
