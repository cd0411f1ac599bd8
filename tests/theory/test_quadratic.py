"""Closed forms on quadratics against simulation and against published figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from esreason.theory.quadratic import Quadratic, dimension_from_plateaus, zscored_curve
from tests.theory.closed_forms import two_mode_peak


def two_blocks(population: int, sigma: float = 3.0, alpha: float = 0.1) -> Quadratic:
    """16 stiff modes (1.0) that start half a unit away, 112 soft ones (0.05) that start at their best."""
    curvature = np.where(np.arange(128) < 16, 1.0, 0.05)
    start = np.where(np.arange(128) < 16, 0.25, 0.0)
    return Quadratic(curvature, start, alpha, alpha * sigma / math.sqrt(population))


@pytest.mark.parametrize(
    ("population", "best", "at", "predicted", "late", "plateau"),
    [
        (5, -0.377, 8, 8.18, -4.13, -4.811),
        (10, 0.208, 13, 12.96, -1.565, -1.905),
        (30, 0.693, 19, 19.16, 0.145, 0.032),
        (100, 0.896, 25, 25.39, 0.743, 0.709),
    ],
)
def test_rise_and_decay_of_two_blocks(
    population: int, best: float, at: int, predicted: float, late: float, plateau: float
) -> None:
    """The figures were computed apart from this code, by a script that iterates means and variances."""
    model = two_blocks(population)
    assert model.peak() == at
    assert model.curve([at, 200]) == pytest.approx([best, late], abs=2e-3)
    assert model.plateau == pytest.approx(plateau, abs=2e-3)
    stiff, soft = model.amplitudes[:16].sum(), model.amplitudes[16:].sum()
    assert two_mode_peak(-stiff, model.rates[0], soft, model.rates[-1]) == pytest.approx(predicted, abs=0.02)


def test_the_curve_is_the_mean_of_many_walks() -> None:
    rng = np.random.default_rng(0)
    curvature, start = np.array([1.0, 0.3, 0.05, 0.0]), np.array([0.5, 0.1, 0.0, 0.0])
    model = Quadratic(curvature, start, 0.2, 0.15)
    x = np.tile(np.sqrt(start), (40_000, 1))
    seen = [1.0 - 0.5 * float((curvature * x**2).sum(axis=1).mean())]
    for _ in range(40):
        x = (1 - 0.2 * curvature) * x + 0.15 * rng.standard_normal(x.shape)
        seen.append(1.0 - 0.5 * float((curvature * x**2).sum(axis=1).mean()))
    assert model.curve(range(41)) == pytest.approx(seen, abs=3e-3)


def test_plateaus_give_back_the_effective_dimension() -> None:
    sigma, population = np.array([0.5, 1.0, 1.0, 2.0]), np.array([10, 10, 40, 40])
    found = [
        Quadratic(np.array([1.0] * 7 + [0.1] * 20 + [0.0] * 50), np.zeros(77), 0.3, 0.3 * s / math.sqrt(n))
        for s, n in zip(sigma, population, strict=True)
    ]
    expected = 2 * (7 / (2 - 0.3) + 20 / (2 - 0.03))
    assert found[0].effective_dimension == pytest.approx(expected)
    plateaus = [model.plateau for model in found]
    assert dimension_from_plateaus(sigma, population, plateaus, 0.3) == pytest.approx(expected)


def test_peaks_at_the_ends() -> None:
    assert two_mode_peak(1.0, 0.1, 0.0, 0.01) == math.inf  # nothing falls
    assert two_mode_peak(0.0, 0.1, 1.0, 0.01) == 0.0  # nothing rises
    assert two_mode_peak(0.1, 0.1, 5.0, 0.05) == 0.0  # falls faster than it rises
    assert two_blocks(1000, sigma=0.0).peak(100) == 100


def test_steps_that_would_diverge_are_refused() -> None:
    with pytest.raises(ValueError, match="in \\[0, 2\\)"):
        Quadratic(np.array([1.0]), np.array([1.0]), 2.0, 0.1)


@pytest.mark.parametrize(("mirrored", "luck"), [(True, 0.0), (True, 0.1), (False, 0.05)])
def test_z_scored_strategies_follow_the_recursion_of_moments(mirrored: bool, luck: float) -> None:
    """Real populations with Gaussian noise, luck, z-scored fitness and the plain step."""
    rng, n, sigma, alpha, steps = np.random.default_rng(1), 24, 0.1, 0.1, 60
    curvature = np.where(np.arange(60) < 12, 2.0, 0.2)
    start = np.where(np.arange(60) < 12, 0.25, 0.0)
    curves = []
    for _ in range(60):
        x, seen = np.sqrt(start), []
        for _ in range(steps):
            seen.append(-0.5 * float((curvature * x**2).sum()))
            e = rng.standard_normal((n // 2 if mirrored else n, 60))
            e = np.concatenate([e, -e]) if mirrored else e
            fitness = -0.5 * ((x + sigma * e) ** 2 @ curvature) + luck * rng.standard_normal(n)
            x = x + alpha / n * ((fitness - fitness.mean()) / fitness.std()) @ e
        curves.append(seen)
    told = zscored_curve(
        curvature, start, sigma=sigma, alpha=alpha, population=n, steps=steps, luck=luck, mirrored=mirrored
    )[:steps]  # fmt: skip
    seen = np.mean(curves, axis=0)
    assert np.abs(told - seen).max() < 0.06 * np.ptp(seen)
    assert seen[int(told.argmax())] > seen.max() - 0.01 * np.ptp(seen)
