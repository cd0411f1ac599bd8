"""The bundled small model, where it lies, and the recipes that make models without a network."""

from __future__ import annotations

from pathlib import Path

SPROUT = Path(__file__).parent / "sprout"
"""The directory of the bundled model."""
