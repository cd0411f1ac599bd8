"""Choosing sigma from the window, the drift law, and the forecast of a run's course."""

from __future__ import annotations

import math

import numpy as np
import pytest

from esreason.theory.forecast import Plan, choose_sigma, forecast
from esreason.theory.ladder import Ladder, Rung
from tests.theory.closed_forms import two_mode_peak

DEFAULT = Plan(population=64, iterations=80, tasks=8)


@pytest.mark.parametrize(
    ("edge", "plan", "sigma"),
    [
        (0.053, DEFAULT, 0.025),  # 0.053 / sqrt(1 + 4 * 80 / 64) = 0.0216
        (0.085, DEFAULT, 0.04),
        (0.0137, DEFAULT, 0.0063),
        (0.0137, Plan(16, 24, 12, alpha=0.01), 0.0063),  # sqrt(0.0137^2 - 0.01^2 * 24 / 16) = 0.0061
        (0.0137, Plan(10_000, 24, 12), 0.016),  # so many members hardly walk
        (0.05, Plan(64, 80, 8, alpha=1.0), 0.01),  # the user's alpha leaves the window: a quarter of it, 0.0125
        (0.05, Plan(64, 80, 8, decay=1e6), 0.04),  # held at the base, only the members count: 0.05 itself
    ],
)
def test_the_last_members_stand_inside_the_window(edge: float, plan: Plan, sigma: float) -> None:
    assert choose_sigma(edge, plan) == sigma


@pytest.mark.parametrize("decay", [0.0, 0.4])
def test_the_walk_is_that_of_the_drift_law(decay: float) -> None:
    """Steps alpha / N sum of z-scored luck times noise, in one weight, pulled back by the decay."""
    rng, alpha, n = np.random.default_rng(0), 0.2, 10
    w = np.zeros(4000)
    for _ in range(25):
        luck = rng.normal(size=(4000, n))
        luck = (luck - luck.mean(axis=1, keepdims=True)) / luck.std(axis=1, keepdims=True)
        w = (w + alpha / n * (luck * rng.normal(size=(4000, n))).sum(axis=1)) * (1 - alpha * decay)
    told = float(Plan(n, 25, 8, decay=decay).walk(alpha, 25.0))
    assert told == pytest.approx(w.std(), rel=0.08)


def landscape(slope: float, keep: list[float], luck: float = 0.0) -> tuple[Ladder, Rung]:
    """A ladder whose members keep these shares of 0.5 at sigma 0.01, 0.02, 0.04, ..., and a rung of odd pairs."""
    rng = np.random.default_rng(0)
    e = rng.normal(size=(400, 1))
    scores = np.stack([slope * e, -slope * e], axis=1).reshape(800, 1) + luck * rng.normal(size=(800, 6))
    rungs = tuple(Rung(0.01 * 2**k, np.full((4, 6), 0.5 * share)) for k, share in enumerate(keep))
    return Ladder(np.full(6, 0.2), rungs), Rung(0.01, scores)


def test_a_pure_slope_rises_by_alpha_times_its_gradient() -> None:
    """Without luck a z-scored step moves the reward by alpha |g|, and sigma |g| is the spread of members."""
    ladder, rung = landscape(0.05, [1.0, 1.0, 1.0])
    plan = Plan(64, 10, 8, sigma=0.01, alpha=0.02)
    found = forecast(ladder, plan, rung, float(rung.signal().mean()))
    assert found.rise == pytest.approx(0.02 * 0.05 / 0.01, rel=0.05)
    assert found.t_peak == 10
    assert found.curve == pytest.approx(0.2 + 0.8 * (1 - np.exp(-found.rise / 0.8 * np.arange(11))))


def test_luck_slows_the_rise_and_no_signal_never_rises() -> None:
    clear, rung = landscape(0.05, [1.0, 1.0])
    _, lucky = landscape(0.05, [1.0, 1.0], luck=0.3)
    plan = Plan(64, 10, 8, sigma=0.01, alpha=0.02)
    fast = forecast(clear, plan, rung, float(rung.signal().mean())).rise
    slow = forecast(clear, plan, lucky, 0.05**2).rise
    assert slow == pytest.approx(fast * 0.05 / math.hypot(0.05, 0.3 / math.sqrt(8)), rel=0.1)
    assert forecast(clear, plan, rung, -1.0).rise == 0.0


def test_the_peak_is_that_of_two_modes_where_skill_is_lost_at_a_constant_rate() -> None:
    """The share kept falls by kappa a step: t = ln(gamma G / loss) / gamma, loss = kappa times the skill there."""
    plan = Plan(16, 4000, 8, sigma=0.01, alpha=0.001)
    ladder, rung = landscape(0.05, [1.0, 1.0, 1.0])
    reach = 0.08
    kappa = 1e-4
    sigmas = np.geomspace(1e-4, reach, 200)
    steps = (sigmas / 0.001) ** 2 * 16 / (2 * rung.odd_share(8))
    rungs = tuple(Rung(float(s), np.full((4, 6), 0.5 * (1 - kappa * t))) for s, t in zip(sigmas, steps, strict=True))
    found = forecast(Ladder(ladder.centre, rungs), plan, rung, float(rung.signal().mean()))
    rate = found.rise / 0.8
    skill = float(found.curve[found.t_peak]) / (1 - kappa * found.t_peak)
    assert found.t_peak == pytest.approx(two_mode_peak(0.8, rate, kappa * skill / 1e-9, 1e-9), rel=0.05)
