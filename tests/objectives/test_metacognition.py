"""Measures of metacognition recover a simulated observer, and stay finite where a sample says nothing."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from esreason.objectives import metacognition as m

NORMAL = NormalDist()


def observer(d: float, criterion: float, accuracy: float, n: int, seed: int) -> tuple[list[bool], list[float]]:
    """Right answers, and evidence about them: normal, with means d apart, compared with a criterion later."""
    rng = np.random.default_rng(seed)
    correct = rng.random(n) < accuracy
    evidence = rng.normal(size=n) + np.where(correct, d / 2, -d / 2) - criterion
    return list(map(bool, correct)), list(map(float, evidence))


@pytest.mark.parametrize("d", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("accuracy", [0.2, 0.5, 0.8])
def test_the_sensitivity_of_an_observer_is_recovered(d: float, accuracy: float) -> None:
    correct, evidence = observer(d, 0.3, accuracy, 20_000, 1)
    said = [e > 0 for e in evidence]
    assert abs(m.type2_d_prime(correct, said) - d) < 4 * m.standard_error(correct, said) < 0.3
    n = min(sum(correct), len(correct) - sum(correct))
    assert abs(m.type2_auroc(correct, evidence) - NORMAL.cdf(d / math.sqrt(2))) < 4 * math.sqrt(1 / (4 * n))


def test_known_rates_give_known_values() -> None:
    correct = [True] * 10 + [False] * 10
    said = [True] * 8 + [False] * 2 + [True] * 2 + [False] * 8
    assert m.type2_d_prime(correct, said) == pytest.approx(1.6832, abs=1e-4)
    assert m.type2_auroc(correct, said) == pytest.approx(0.8)
    expected = 1 + 0.8 * math.log2(0.8) + 0.2 * math.log2(0.2)
    assert m.relative_meta_information(correct, said) == pytest.approx(expected)


def test_clipping_bounds_the_sensitivity() -> None:
    correct = [True, False] * 5
    assert m.type2_d_prime(correct, correct) == pytest.approx(m.MAX_D_PRIME) == pytest.approx(7.438, abs=1e-3)
    assert m.type2_d_prime(correct, [not c for c in correct]) == pytest.approx(-m.MAX_D_PRIME)
    assert m.type2_d_prime(correct, [True] * 10) == 0.0
    assert m.relative_meta_information(correct, correct) == pytest.approx(1.0)


@pytest.mark.parametrize("correct", [[], [True], [False], [True] * 5, [False] * 5, [True, False]])
@pytest.mark.parametrize("said", [True, False])
def test_no_sample_gives_nan(correct: list[bool], said: bool) -> None:
    judged = [said] * len(correct)
    for measure in (
        m.type2_d_prime, m.type2_auroc, m.relative_meta_information, m.calibration_error, m.brier_score,
    ):  # fmt: skip
        assert math.isfinite(measure(correct, judged))


def test_calibration() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(50_000)
    correct = [bool(c) for c in rng.random(50_000) < p]
    assert m.calibration_error(correct, list(p)) < 0.012
    assert m.calibration_error(correct, [1.0] * 50_000) == pytest.approx(0.5, abs=0.01)
    assert m.brier_score([True, False], [1.0, 0.5]) == pytest.approx(0.125)


def test_malformed_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="one judgement"):
        m.type2_auroc([True], [])
    with pytest.raises(ValueError, match="finite"):
        m.type2_auroc([True], [math.nan])
    with pytest.raises(ValueError, match="probabilities"):
        m.calibration_error([True], [1.5])
