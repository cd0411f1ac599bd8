"""What a bundled model is made of: who taught it what, in which tokens, for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from esreason.core.errors import UnknownNameError
from esreason.models import BUNDLED, seedling_players, sprout_players
from esreason.models.players import Skill
from esreason.models.tokenizer import SEEDLING_TOKENS, SPROUT_TOKENS, Tokens

SKILLS: dict[str, Skill] = sprout_players.SKILLS | seedling_players.SKILLS
"""The players of every environment that a bundled model plays."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training.

    `positions` of each environment a step; `shares` say how often the expert stands behind the hidden mark, which
    tunes what the model does by default; `strength` is the share of the full rate, `flat` how long it stays there;
    `weights` are those of environments that do not count fully. A batch is computed whole, or an environment at a
    time where `apart`, which spares the padding of short positions beside long ones.
    """

    positions: Mapping[str, int]
    shares: Mapping[str, float]
    steps: int
    strength: float
    flat: float
    seed: int
    weights: Mapping[str, float] = field(default_factory=dict)
    apart: bool = False

    def parts(self) -> list[Stage]:
        """What is computed at a time, as stages of their own."""
        if not self.apart:
            return [self]
        return [replace(self, positions={name: count}) for name, count in self.positions.items()]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The tokens of a bundled model and the stages of its training, whose seeds are added to the run's."""

    tokens: Tokens
    stages: tuple[Stage, ...]


_SPROUT_SHARES = {"sudoku": 0.44, "countdown": 0.44, "hanoi": 0.44, "shortest_path": 0.36, "sorting": 0.42}
_SPROUT_WEIGHTS = {"sorting": 0.5}
_SPROUT = Recipe(
    SPROUT_TOKENS,
    (
        Stage(
            {"sudoku": 72, "countdown": 32, "hanoi": 36, "shortest_path": 72, "sorting": 16},
            _SPROUT_SHARES, 2400, 1.0, 0.3, 0, _SPROUT_WEIGHTS,
        ),
        Stage(  # gives what is learnt slowest its time
            {"sudoku": 32, "countdown": 112, "hanoi": 24, "shortest_path": 64, "sorting": 8},
            _SPROUT_SHARES, 1200, 0.5, 0.2, 1, _SPROUT_WEIGHTS,
        ),
        Stage(  # a short one that settles what the model does by default
            {"sudoku": 48, "countdown": 64, "hanoi": 48, "shortest_path": 64, "sorting": 16},
            _SPROUT_SHARES | {"hanoi": 0.36}, 300, 0.2, 0.0, 2, _SPROUT_WEIGHTS,
        ),
    ),
)  # fmt: skip

_SEEDLING_SHARES = {
    "inequality": 0.44, "solve_equation": 0.44, "register_machine": 0.44, "bet": 0.44, "know_before_answer": 0.44,
}  # fmt: skip
_SEEDLING_POSITIONS = {
    "inequality": 24, "solve_equation": 20, "register_machine": 48, "bet": 20, "know_before_answer": 20,
}  # fmt: skip
_SEEDLING = Recipe(
    SEEDLING_TOKENS,
    (
        Stage(_SEEDLING_POSITIONS, _SEEDLING_SHARES, 1800, 1.0, 0.2, 0, apart=True),
        Stage(_SEEDLING_POSITIONS, _SEEDLING_SHARES, 200, 0.2, 0.0, 1, apart=True),
        Stage(
            {"inequality": 16, "solve_equation": 32, "register_machine": 56, "bet": 12, "know_before_answer": 28},
            _SEEDLING_SHARES, 900, 0.5, 0.2, 2, apart=True,
        ),
        Stage(
            _SEEDLING_POSITIONS, _SEEDLING_SHARES | {"inequality": 0.38, "register_machine": 0.38},
            150, 0.2, 0.0, 3, apart=True,
        ),
        Stage(  # where a sum is carried is seen late
            {"inequality": 16, "solve_equation": 12, "register_machine": 28, "bet": 48, "know_before_answer": 48},
            _SEEDLING_SHARES | {"register_machine": 0.30}, 600, 0.5, 0.3, 4, apart=True,
        ),
        Stage(
            _SEEDLING_POSITIONS,
            _SEEDLING_SHARES | {"inequality": 0.38, "solve_equation": 0.30, "register_machine": 0.28},
            200, 0.25, 0.0, 5, apart=True,
        ),
    ),
)  # fmt: skip

_RECIPES = {"sprout": _SPROUT, "seedling": _SEEDLING}


def recipe(model: str) -> Recipe:
    """The recipe of a bundled model; UnknownNameError suggests the nearest name."""
    if model not in _RECIPES:
        raise UnknownNameError("bundled model", model, BUNDLED)
    return _RECIPES[model]
