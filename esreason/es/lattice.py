"""Integer lattices: how wide the codes are, how noise lands on them, and what becomes of a step's remainder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from esreason.es.noise import ONE, normals, table, uniforms

Width = Literal["int8", "int4"]
Residual = Literal["full", "replay", "none", "quzo"]
Start = Literal["zero", "uniform", "master"]

FRACTION = 2**16
"""A residual is a whole number of these parts of a grid step, so its sums are exact and it fits 16 bits."""

GROUP = 32
"""Codes that share a scale at int4, where a row is a multiple of it; otherwise, and at int8, a row shares one."""

COARSEST = 4096.0
"""The largest sigma in grid steps: what rounding adds would be lost in float32 beyond it."""

_MANTISSA = 13  # bits of sigma: times an 11-bit table entry it is exact in float32


@dataclass(frozen=True, slots=True)
class Lattice:
    """Symmetric integer weights and the rule of their steps (QES, arXiv 2602.03120; QuZO).

    A step u of a code, in grid steps, moves it by a whole number. `residual` says what becomes of the rest e: `full`
    keeps it (16 bits a weight) and adds gamma * e to the next step; `replay` rebuilds it from the last `window`
    updates and keeps nothing; `none` drops it; `quzo` rounds u up or down at random, right on average, and drops it.
    `start` is e before the first step: zero, uniform in [-1/2, 1/2), or what rounding took from the base's weights.
    """

    width: Width = "int4"
    residual: Residual = "full"
    gamma: float = 1.0
    window: int = 20
    start: Start = "master"

    def __post_init__(self) -> None:
        if self.width not in ("int8", "int4"):
            raise ValueError(f"a lattice is int8 or int4, not {self.width!r}")
        if self.residual not in ("full", "replay", "none", "quzo"):
            raise ValueError(f"the residual is full, replay, none or quzo, not {self.residual!r}")
        if self.start not in ("zero", "uniform", "master"):
            raise ValueError(f"the residual starts at zero, uniform or master, not {self.start!r}")
        if not 0.0 <= self.gamma <= 1.0:
            raise ValueError(f"gamma must be in [0, 1], not {self.gamma}")
        if not 1 <= self.window <= 1000:
            raise ValueError(f"a replay goes back 1 to 1000 updates, not {self.window}")
        if self.residual == "replay" and self.start == "master":
            raise ValueError("a replay cannot start at master, for it keeps no float weights: use zero or uniform")

    @property
    def bits(self) -> int:
        """Bits a code."""
        return 4 if self.width == "int4" else 8

    @property
    def largest(self) -> int:
        """The largest code; the smallest is its negative."""
        return 7 if self.width == "int4" else 127

    def group(self, columns: int) -> int:
        """How many neighbours in a row of so many columns share a scale."""
        return GROUP if self.width == "int4" and columns % GROUP == 0 else columns


def in_steps(sigma: float, step: float) -> float:
    """Sigma in grid steps of mean size `step`, rounded to 13 bits so that its products with the noise are exact."""
    mantissa, exponent = math.frexp(sigma / step)
    rounded = math.ldexp(round(mantissa * 2**_MANTISSA), exponent - _MANTISSA)
    if not 0.0 < rounded <= COARSEST:
        raise ValueError(f"sigma {sigma} is {rounded:g} grid steps; it must lie above 0 and within {COARSEST:g}")
    return rounded


def moves(seed: int, name: str, start: int, count: int, sigma: float) -> NDArray[np.int16]:
    """floor(sigma * eps + u): noise in grid steps, rounded up or down at random so that its mean is sigma * eps.

    eps is the noise of (|seed|, name), u the uniform of (|seed|, name:round) in [0, 1); a negative seed is the mirror
    image. The product is exact in float32 and the sum rounds once, so a fused multiply-add gives the same bits.
    """
    value = normals(seed, name, start, count).astype(np.float32)
    value *= np.float32(sigma / ONE)
    value += uniforms(abs(seed), f"{name}:round", start, count).astype(np.float32) * np.float32(1.0 / FRACTION)
    whole = np.floor(value, out=value).astype(np.int16)
    return whole if seed > 0 else np.negative(whole, out=whole)


def gated(codes: NDArray[np.int16], move: NDArray[np.int16], largest: int) -> NDArray[np.int16]:
    """Codes after a move; one that would leave the range stays where it is."""
    moved = codes + move
    return np.where(np.abs(moved) <= largest, moved, codes)


@lru_cache(maxsize=256)
def spread(sigma: float) -> float:
    """The standard deviation of `moves` for a sigma in grid steps, before the gate: rounding widens the noise.

    The exact expectation over the table: (sigma * eps)^2 and the variance of the rounding, f * (1 - f).
    """
    value = table().astype(np.float64) * (sigma / ONE)
    part = value - np.floor(value)
    return math.sqrt(math.fsum((value * value + part * (1.0 - part)).tolist()) / len(value))
