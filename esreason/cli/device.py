"""What `--device` says, wherever a model plays."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esreason.es.config import RunConfig
    from esreason.executors.places import Place


def place_on(device: Any, engine: str = "torch", ray: str | None = None, quiet: bool = False) -> Place:
    """The place of a `--device` or a setting; says so, on stderr, where CUDA was found and not asked for."""
    from esreason.executors.places import CUDA, place_of

    place = place_of(str(device or "auto"), engine, ray)
    if place.kind == CUDA and device in (None, "auto") and not quiet:
        sys.stderr.write("On CUDA, which rounds differently from the CPU: --device cpu keeps to that.\n")
    return place


def own_place(config: RunConfig, device: str | None, ray: str | None = None) -> Place:
    """The place of what has settings already: its own kind of device, unless another is asked for."""
    from esreason.executors.places import Place, place_of

    return Place(config.device) if device in (None, "auto") else place_of(str(device), config.engine, ray)
