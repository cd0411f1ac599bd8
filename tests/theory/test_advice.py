"""The diagnosis as a whole: intervals, JSON and sentences."""

from __future__ import annotations

import json

import numpy as np
import pytest

from esreason.report.console import console
from esreason.report.diagnosis import diagnosis
from esreason.theory.advice import Diagnosis, diagnose, sentences
from esreason.theory.forecast import Plan
from esreason.theory.ladder import Ladder, Rung

PLAN = Plan(population=64, iterations=80, tasks=8)
SIGMAS = (0.005, 0.01, 0.02, 0.04, 0.08)


def members(slope: float, success: tuple[float, ...], seed: int = 0, pairs: int = 16, tasks: int = 32) -> Ladder:
    """Coin flips whose odds fall along the ladder and, by `slope`, along a direction of each pair."""
    rng = np.random.default_rng(seed)
    lean = rng.normal(size=pairs)
    both = np.stack([lean, -lean], axis=1).reshape(-1, 1)
    hard = rng.uniform(size=tasks)
    rungs = []
    for sigma, odds in zip(SIGMAS, success, strict=True):
        chance = np.clip(odds + slope * sigma * both, 0, 1)
        rungs.append(Rung(sigma, (rng.uniform(size=(2 * pairs, tasks)) * 0.5 + 0.5 * hard < chance).astype(float)))
    return Ladder((hard < 0.4).astype(float), tuple(rungs))


def test_a_slope_is_found_and_its_window_told() -> None:
    found = diagnose(members(6.0, (0.5, 0.5, 0.5, 0.45, 0.05)), PLAN)
    assert found.detected is not None
    assert found.edge.low <= found.edge.value <= found.edge.high
    assert 0.04 < found.edge.value < 0.08
    assert found.plan.sigma == 0.025
    assert found.rise.low > 0
    assert any("window ends" in said for said in sentences(found))
    assert any(said.startswith("Forecast") for said in sentences(found))


def test_luck_is_called_luck() -> None:
    found = diagnose(members(0.0, (0.5, 0.5, 0.5, 0.45, 0.05)), PLAN)
    assert found.rise.low <= 0
    assert any("luck" in said for said in sentences(found))
    for gain in found.gains:
        assert gain.luck == pytest.approx(gain.measured.value, abs=0.08)


def test_intervals_cover_the_truth_in_most_samples() -> None:
    """The mean of the first rung is 1/2 by construction; 95 % intervals over pairs and tasks should hold it."""
    hits = 0
    for seed in range(40):
        found = diagnose(members(3.0, (0.5, 0.5, 0.5, 0.5, 0.05), seed), PLAN, draws=100)
        hits += found.steps[0].mean.low <= 0.5 <= found.steps[0].mean.high
    assert hits >= 32


def test_a_model_that_solves_nothing_is_told_so() -> None:
    found = diagnose(members(0.0, (0.0,) * 5), PLAN)
    assert "nothing to select" in sentences(found)[0]
    shown(found)


def test_the_same_seed_gives_the_same_json_without_infinities() -> None:
    ladder = members(6.0, (0.5, 0.5, 0.5, 0.5, 0.5))
    first, second = (json.dumps(diagnose(ladder, PLAN, 3).to_dict(), allow_nan=False) for _ in range(2))
    assert first == second
    assert json.loads(first)["open"] is True


def shown(found: Diagnosis) -> str:
    out = console()
    with out.capture() as capture:
        out.print(diagnosis(found, "title"))
    return capture.get()


def test_the_terminal_shows_tables_and_advice() -> None:
    text = shown(diagnose(members(6.0, (0.5, 0.5, 0.5, 0.45, 0.05)), PLAN))
    for part in ("Members by sigma", "normal law", "edge of the window", "Take sigma"):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80
