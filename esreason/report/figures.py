"""Figures of the environments that the scripts under benchmarks/ counted and measured."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

KINDS = ("actions", "floors", "mutations", "speed")


@cache
def figures(kind: str) -> dict[str, dict[str, Any]]:
    """What was measured of each environment, by name; those that nothing was measured of are absent."""
    if kind not in KINDS:
        raise ValueError(f"figures are one of {', '.join(KINDS)}, not {kind!r}")
    path = files("esreason.report").joinpath("data", f"{kind}.json")
    rows: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return rows
