"""The bundled small model, where it lies, and the recipes that make models without a network."""

from __future__ import annotations

from pathlib import Path

BUNDLED = "sprout"
"""The name of the bundled model in `--model` and in configs."""

SPROUT = Path(__file__).parent / BUNDLED
"""The directory of the bundled model."""


def model_path(name: str) -> str | Path:
    """The directory of the bundled model for its name; any other name (a directory or a hub id) as it is."""
    return SPROUT if name == BUNDLED else name
