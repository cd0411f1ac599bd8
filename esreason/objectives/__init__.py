"""What a member's fitness is, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from esreason.core.errors import UnknownNameError
from esreason.objectives.returns import mean_return
from esreason.rollout.episode import Episode

Objective = Callable[[Sequence[Sequence[Episode]]], NDArray[np.float64]]
"""Episodes by member and task -> fitness [members, tasks]."""

OBJECTIVES: dict[str, Objective] = {"return": mean_return}


def objective(name: str) -> Objective:
    """The objective of a name; UnknownNameError suggests the nearest."""
    if name not in OBJECTIVES:
        raise UnknownNameError("objective", name, OBJECTIVES)
    return OBJECTIVES[name]
