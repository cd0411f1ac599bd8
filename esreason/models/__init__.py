"""The bundled small models, what each of them plays, and the recipes that make models without a network."""

from __future__ import annotations

from pathlib import Path

BUNDLED = {
    "sprout": ("sudoku", "countdown", "hanoi", "shortest_path", "sorting"),
    "seedling": ("inequality", "solve_equation", "register_machine", "bet", "know_before_answer"),
}
"""The environments whose level 1 each bundled model was taught, by its name in `--model` and in configs."""

SPROUT = Path(__file__).parent / "sprout"
"""The directory of the first bundled model."""


def model_path(name: str) -> str | Path:
    """The directory of a bundled model for its name; any other name (a directory or a hub id) as it is."""
    return Path(__file__).parent / name if name in BUNDLED else name


def bundled_for(env: str) -> str:
    """The bundled model that was taught this environment, or all of several joined by commas; else the first one."""
    asked = {name.strip() for name in env.split(",")}
    return next((name for name, taught in BUNDLED.items() if asked <= set(taught)), next(iter(BUNDLED)))
