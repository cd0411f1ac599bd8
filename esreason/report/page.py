"""A leaderboard as one HTML page that needs no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from esreason.core.registry import env_class
from esreason.leaderboard.board import Board
from esreason.leaderboard.samples import samples
from esreason.leaderboard.seeds import over_seeds
from esreason.leaderboard.standing import TEST, Aggregate, Row
from esreason.report.board import legend, rank_text, seed_text
from esreason.report.horizon import by_horizon

EPISODES = 12
"""Stored episodes that the page shows of a row."""
MAX_SHOWN = 600
"""And of all rows together: about 3 MB."""
_MARK, _CHARTS = "/*DATA*/null", "/*CHARTS*/"


def page(rows: Sequence[Row], aggregates: Sequence[Aggregate], board: Board) -> str:
    """The page as text: the template beside this file with the data as inert JSON in it."""
    played = {row.group for row in rows if row.kind != "null"}
    rows = sorted(rows, key=lambda row: row.group not in played)  # stable: what models have played comes first
    folder = Path(__file__).parent / "data"
    template = (folder / "page.html").read_text(encoding="utf-8")
    template = template.replace(_CHARTS, (folder / "charts.js").read_text(encoding="utf-8").rstrip())
    data = {
        "rows": _rows(rows, board), "legend": legend(rows), "rules": _rules(rows),
        "aggregates": [
            {"player": a.player, "kind": a.kind, "iqm": a.iqm, "ci": list(a.ci95), "envs": a.envs,
             "missing": list(a.missing)} for a in aggregates if a.envs > 1
        ],
        "seeds": [
            {"player": m.player, "kind": m.kind, "env": m.group[0], "level": m.group[2], "seeds": list(m.seeds),
             "scores": list(m.scores), "score": m.score, "ci": list(m.ci95), "n": m.n} for m in over_seeds(rows)
        ],
    }  # fmt: skip
    before, mark, after = template.partition(_MARK)
    assert mark
    return before + inert(data) + after


def inert(data: Any) -> str:
    """JSON that may stand in a script element: no character in it ends or opens an element or a comment."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)  # ASCII only
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _rules(rows: Sequence[Row]) -> dict[str, str]:
    """What a player was told, by environment and mode, of the rows that have episodes."""
    played = {(row.env, row.mode) for row in rows if row.entry and row.family != "?"}
    return {f"{env}/{mode}": env_class(env).instructions("answer" if mode == "answer" else "steps")
            for env, mode in sorted(played)}  # fmt: skip


def _rows(rows: Sequence[Row], board: Board) -> list[dict[str, Any]]:
    shown, left = [], MAX_SHOWN
    steps = {(env, int(record["version"]), level, mode, TEST): record.get("steps", [])
             for (env, level, mode), record in board.nulls().items()}  # fmt: skip
    for row in rows:
        episodes: list[dict[str, Any]] = []
        if row.entry and left > 0:
            episodes = list(samples(board.entries_path / row.entry, row.env, row.kind, min(EPISODES, left)))
            left -= len(episodes)
        shown.append({
            "rank": rank_text(row), "player": row.player, "kind": row.kind, "env": row.env, "family": row.family,
            "level": row.level, "version": row.version, "mode": row.mode, "tasks": row.tasks, "score": row.score,
            "ci": list(row.ci95), "n": row.n, "mark": row.mark, "weights": row.weights, "entry": row.entry,
            "tokens": row.tokens, "horizon": by_horizon(row.scores, steps.get(row.group, [])),
            "parameters": row.parameters, "episodes": episodes, "seed": seed_text(row), "rates": row.rates,
        })  # fmt: skip
    return shown
