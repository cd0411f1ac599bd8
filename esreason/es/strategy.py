"""ask/tell: which members an iteration tries, and the step that their fitness means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from esreason.core.errors import UsageError
from esreason.core.seeding import digest
from esreason.es.noise import MAX_SEED, Member, Noise
from esreason.es.schedule import Schedule
from esreason.es.shaping import SHAPINGS, finite
from esreason.es.update import MAX_COEFFICIENT, StepRule, Update

_NOTHING = 2.0**-900  # utilities below this are rounding dust, and their power of two would overflow
_BITS = 16  # coefficients are rounded to this many bits below the largest


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of a strategy; sigma is the noise's standard deviation, alpha the step size (1/sigma absorbed)."""

    population: int
    sigma: float
    alpha: float
    noise: Noise = Noise()
    mirrored: bool = True
    shaping: str = "task-zscore"
    rule: StepRule = field(default_factory=StepRule)
    sigma_schedule: Schedule = Schedule()
    alpha_schedule: Schedule = Schedule()

    def __post_init__(self) -> None:
        if not 2 <= self.population <= 65_536:
            raise UsageError(f"a population has 2 to 65536 members, not {self.population}")
        if self.mirrored and self.population % 2:
            raise UsageError(f"mirrored pairs need an even population, not {self.population}")
        for name, value in (("sigma", self.sigma), ("alpha", self.alpha)):
            if not (math.isfinite(value) and value > 0):
                raise UsageError(f"{name} is a number above 0, not {value}")
        if self.shaping not in SHAPINGS:
            raise UsageError(f"a shaping is one of {', '.join(SHAPINGS)}, not {self.shaping!r}")


class Strategy:
    """The step alpha/N sum_i u_i eps_i along the shaped fitness; subclasses change `_utilities`, `_seeds` or `_step`.

    A strategy is a function of its settings, the run's seed and what it has been told: telling a new one the same
    fitness again brings it to the same state, bit for bit, which is how a run is resumed.
    """

    name: ClassVar[str]
    paper: ClassVar[str] = ""
    preset: ClassVar[dict[str, Any]] = {}
    """The options of `run` that this strategy sets unless the user does."""
    stages: ClassVar[int] = 1
    """Iterations that belong together: only after each such group does the centre stand where it is to be judged."""

    vectors: ClassVar[bool] = False
    """Whether members are shares of singular directions (noise "spectral") and not seeds."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.check_installed()
        self.settings, self.seed, self.iteration = settings, seed, 0

    @classmethod
    def check_installed(cls) -> None:
        """UsageError with the way out if a package that it needs is missing; asked before anything is played."""

    def ask(self) -> list[Member]:
        """The members of this iteration, mirrored ones right after each other."""
        return [Member(seed, self._sigma()) for seed in self._seeds()]

    def tell(self, fitness: NDArray[np.float64], columns: Sequence[Sequence[int]] | None = None) -> Update:
        """The update that fitness [members, tasks] means; begins the next iteration.

        `columns` are the tasks of each environment; none given means that all are of one.
        """
        if fitness.shape[0] != self.settings.population:
            raise ValueError(f"{fitness.shape[0]} fitness rows for a population of {self.settings.population}")
        update = self._step(self._combined(np.asarray(fitness, dtype=np.float64), columns))
        self.iteration += 1
        return update

    def voters(self) -> list[Member]:
        """The members whose majority answers the test in the centre's place; usually none."""
        return []

    def _step(self, utilities: NDArray[np.float64]) -> Update:
        """The update that the members' utilities mean."""
        alpha = self.settings.alpha * self.settings.alpha_schedule.factor(self.iteration)
        return self._along(self._seeds(), utilities, alpha)

    def _along(self, seeds: Sequence[int], utilities: NDArray[np.float64], alpha: float) -> Update:
        """The step alpha/N sum_i u_i noise(seed_i); N is the population, however many seeds there are."""
        coefficients, scale = as_integers(utilities)
        settings = self.settings
        scale /= settings.population
        return Update(
            self.iteration, tuple(seeds), coefficients, scale, alpha, settings.noise, settings.rule, self._sigma()
        )  # fmt: skip

    def _combined(
        self, fitness: NDArray[np.float64], columns: Sequence[Sequence[int]] | None
    ) -> NDArray[np.float64]:
        """Utilities of each environment's tasks on their own, added up over sqrt(environments).

        So every environment counts alike, whatever the spread of its rewards and the number of its tasks (the aim of
        PopArt's normalisation of each task, Hessel et al. 2018, arXiv:1809.04474), each task within it as the shaping
        has it (task-zscore: centred on the members). The sum is Stouffer's of z-scores: of unit variance where the
        environments have nothing in common, larger where members are good or bad at all of them.
        """
        parts = [self._utilities(finite(fitness[:, list(c)])) for c in columns or [range(fitness.shape[1])]]
        return np.asarray(sum(parts[1:], parts[0]) / math.sqrt(len(parts)))

    def _utilities(self, fitness: NDArray[np.float64]) -> NDArray[np.float64]:
        return SHAPINGS[self.settings.shaping](fitness)

    def _sigma(self) -> float:
        return self.settings.sigma * self.settings.sigma_schedule.factor(self.iteration)

    def _seeds(self) -> list[int]:
        count = self.settings.population // 2 if self.settings.mirrored else self.settings.population
        seeds = [member_seed(self.seed, self.iteration, k) for k in range(count)]
        return [s for seed in seeds for s in (seed, -seed)] if self.settings.mirrored else seeds


def member_seed(run: int, iteration: int, member: int) -> int:
    """The seed of a member's noise, in (0, 2**53)."""
    return int.from_bytes(digest("member", run, iteration, member, size=8), "big") % (MAX_SEED - 1) + 1


def as_integers(utilities: NDArray[np.float64]) -> tuple[tuple[int, ...], float]:
    """Utilities as integers below 2**17 and the power of two that one unit is worth."""
    largest = float(np.abs(utilities).max())
    if not largest > _NOTHING:
        return (0,) * len(utilities), 1.0
    exponent = _BITS - math.frexp(largest)[1]
    coefficients = tuple(round(float(u) * 2.0**exponent) for u in utilities)
    assert max(map(abs, coefficients)) < MAX_COEFFICIENT
    return coefficients, 2.0**-exponent
