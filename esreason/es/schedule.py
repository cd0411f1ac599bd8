"""How sigma and alpha change over a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Schedule:
    """A factor that goes from 1 to `final` over `iterations`.

    Constant, linear, or cosine (Agentic ESOpt, arXiv:2608.17310).
    """

    kind: Literal["constant", "linear", "cosine"] = "constant"
    final: float = 1.0
    iterations: int = 1

    def __post_init__(self) -> None:
        if self.kind not in ("constant", "linear", "cosine"):
            raise ValueError(f"a schedule is constant, linear or cosine, not {self.kind!r}")
        if not 0.0 <= self.final <= 10.0:
            raise ValueError(f"the final factor of a schedule is in [0, 10], not {self.final}")

    def factor(self, iteration: int) -> float:
        """The factor at an iteration (counted from 0)."""
        if self.kind == "constant":
            return 1.0
        done = min(1.0, iteration / max(1, self.iterations - 1))
        shape = done if self.kind == "linear" else (1.0 - math.cos(math.pi * done)) / 2.0
        return 1.0 + (self.final - 1.0) * shape
