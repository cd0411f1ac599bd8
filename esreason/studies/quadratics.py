"""Evolution strategies on quadratics whose course is known: the numbers of the study `theory` that need no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esreason.studies.bench import Row
from esreason.theory.quadratic import Quadratic, dimension_from_plateaus, zscored_curve

Vector = NDArray[np.float64]

CURVATURE: Vector = np.where(np.arange(128) < 16, 1.0, 0.05)
START: Vector = np.where(np.arange(128) < 16, 0.25, 0.0)
"""Sixteen stiff modes half a unit from their best, 112 soft ones at it (Liang et al., arXiv:2602.00170)."""


def populations(settings: Mapping[str, Any]) -> list[Row]:
    """Z-scored mirrored populations with a step of constant size, against the recursion of moments."""
    sigma, alpha, luck, steps = 0.1, 0.1, settings["luck"], settings["steps"]
    rows = []
    for n in settings["populations"]:
        told = zscored_curve(CURVATURE, START, sigma=sigma, alpha=alpha, population=n, steps=steps, luck=luck)
        seen = [walk(seed, n, sigma, alpha, luck, steps) for seed in range(settings["walks"])]
        mean = np.mean(seen, axis=0)
        rows.append({
            "kind": "quadratic", "population": n, "told": int(told.argmax()), "seen": int(mean.argmax()),
            "each": [int(curve.argmax()) for curve in seen], "told_best": float(told.max()),
            "seen_best": float(mean.max()), "told_last": float(told[-1]), "seen_last": float(mean[-1]),
            "seen_at_told": float(mean[int(told.argmax())]), "start": float(mean[0]),
        })  # fmt: skip
    return rows


def walk(seed: int, n: int, sigma: float, alpha: float, luck: float, steps: int) -> Vector:
    """The reward of the centre after 0..steps z-scored mirrored iterations of n members with luck of this s.d."""
    rng, x, seen = np.random.default_rng(seed), np.sqrt(START), []
    for step in range(steps + 1):
        seen.append(-0.5 * float(CURVATURE @ x**2))
        if step < steps:
            e = rng.standard_normal((n // 2, len(x)))
            e = np.concatenate([e, -e])
            fitness = -0.5 * ((x + sigma * e) ** 2 @ CURVATURE) + luck * rng.standard_normal(n)
            x = x + alpha / n * ((fitness - fitness.mean()) / fitness.std()) @ e
    return np.array(seen)


def spectrum(settings: Mapping[str, Any]) -> list[Row]:
    """The effective dimension read off plateaus of plain-gradient runs, against the closed form.

    The closed form takes the noise of an estimate to be sigma / sqrt(N) in each mode. Near the top of a quadratic it is
    sigma sqrt(sum lambda^2 / 2 / N), so the slope is that much steeper: `noise` is the factor.
    """
    alpha = 0.1
    sigmas, sizes = zip(*settings["plateaus"], strict=True)
    ends = [_plateau(sigma, n, alpha, settings["steps"]) for sigma, n in settings["plateaus"]]
    model = Quadratic(CURVATURE, np.zeros(128), alpha, 0.0)
    return [{
        "kind": "spectrum", "closed": model.effective_dimension, "noise": 0.5 * float(CURVATURE @ CURVATURE),
        "read": dimension_from_plateaus(sigmas, sizes, 1.0 + np.array(ends), alpha),
    }]  # fmt: skip


def _plateau(sigma: float, n: int, alpha: float, steps: int) -> float:
    """The mean reward over the later half of a run from the top with the plain estimator (baseline subtracted)."""
    rng, x, seen = np.random.default_rng(n), np.zeros(128), []
    for step in range(4 * steps):
        e = rng.standard_normal((n, len(x)))
        fitness = -0.5 * ((x + sigma * e) ** 2 @ CURVATURE)
        x = x + alpha / (n * sigma) * (fitness - fitness.mean()) @ e
        if step >= 2 * steps:
            seen.append(-0.5 * float(CURVATURE @ x**2))
    return float(np.mean(seen))


def quadratic_cells(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    """A line a population: the peak told and seen, the spread of single runs, best and last rewards."""
    return tuple(
        (str(row["population"]), str(row["told"]), str(row["seen"]), f"{min(row['each'])} to {max(row['each'])}",
         f"{row['told_best']:.3f}", f"{row['seen_best']:.3f}", f"{row['seen_at_told']:.3f}",
         f"{row['told_last']:.3f}", f"{row['seen_last']:.3f}")
        for row in rows
    )  # fmt: skip
