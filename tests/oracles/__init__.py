"""Independent judges of the environments, one module a name; none imports the package it judges.

A module has `judge`, `mutations` and `rewrites` (see `Oracle`), and where an independent tool can tell
`optimal_steps(payload) -> int` and `count_solutions(payload, limit) -> int` (exactly 1 unless the module says
`UNIQUE = False`). `LEVELS` limits the levels at which it is used, `EXPENSIVE = True` the number of texts in CI.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast


class Oracle(Protocol):
    """What a module of this folder offers."""

    def judge(self, payload: dict[str, Any], answer: str) -> bool:
        """Whether this text is a right answer."""

    def mutations(self, payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
        """Plausible answers near a right one, most of them wrong."""

    def rewrites(self, payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
        """Right answers written otherwise."""


def names() -> list[str]:
    """The environments that have an oracle."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))


def load(name: str) -> Oracle:
    """The oracle of an environment."""
    return cast(Oracle, import_module(f"{__name__}.{name}"))


def offering(function: str) -> list[str]:
    """The environments whose oracle defines this function; none is imported."""
    folder = Path(__file__).parent
    return [name for name in names() if f"\ndef {function}(" in (folder / f"{name}.py").read_text(encoding="utf-8")]
