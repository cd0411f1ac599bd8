"""Measures of metacognition recover a simulated observer, and stay finite where a sample says nothing."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from esreason.objectives import metacognition as m

NORMAL = NormalDist()


def observer(d: float, criterion: float, accuracy: float, n: int, seed: int) -> tuple[list[bool], list[float]]:
    """Right answers, and evidence about them: normal, with means d apart, compared with a criterion later."""
    rng = np.random.default_rng(seed)
    correct = rng.random(n) < accuracy
    evidence = rng.normal(size=n) + np.where(correct, d / 2, -d / 2) - criterion
    return list(map(bool, correct)), list(map(float, evidence))


def standard_error(correct: list[bool], said: list[bool]) -> float:
    """That of type-2 d' by the delta method on two binomial rates."""
    total = 0.0
    for right in (True, False):
        group = [s for c, s in zip(correct, said, strict=True) if c == right]
        rate = sum(group) / len(group)
        total += rate * (1 - rate) / (len(group) * NORMAL.pdf(NORMAL.inv_cdf(rate)) ** 2)
    return math.sqrt(total)


@pytest.mark.parametrize("d", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("accuracy", [0.2, 0.5, 0.8])
def test_the_sensitivity_of_an_observer_is_recovered(d: float, accuracy: float) -> None:
    correct, evidence = observer(d, 0.3, accuracy, 20_000, 1)
    said = [e > 0 for e in evidence]
    assert abs(m.type2_d_prime(correct, said) - d) < 4 * standard_error(correct, said) < 0.3
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
    for measure in (m.type2_d_prime, m.type2_auroc, m.relative_meta_information, m.calibration_error):
        assert math.isfinite(measure(correct, judged))


def test_calibration() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(50_000)
    correct = [bool(c) for c in rng.random(50_000) < p]
    assert m.calibration_error(correct, list(p)) < 0.012
    assert m.calibration_error(correct, [1.0] * 50_000) == pytest.approx(0.5, abs=0.01)


def test_malformed_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="one judgement"):
        m.type2_auroc([True], [])
    with pytest.raises(ValueError, match="finite"):
        m.type2_auroc([True], [math.nan])
    with pytest.raises(ValueError, match="probabilities"):
        m.calibration_error([True], [1.5])


def two_choices(d: float, criterion: float, noise: float, n: int) -> tuple[list[bool], list[bool]]:
    """An observer that sees the right choice with normal evidence and judges its size through noise of its own."""
    rng = np.random.default_rng(7)
    evidence = rng.normal(d / 2, size=n)
    judged = np.abs(evidence + noise * rng.normal(size=n)) > criterion
    return list(map(bool, evidence > 0)), list(map(bool, judged))


@pytest.mark.parametrize("d", [0.3, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("criterion", [0.4, 1.2])
def test_meta_d_prime_of_an_ideal_observer_is_its_d_prime(d: float, criterion: float) -> None:
    """From the rates that hold exactly, and within the spread of a sample from a simulation."""
    correct, confident = two_choices(d, criterion, 0.0, 200_000)
    assert abs(m.type1_d_prime(correct) - d) < 0.03
    assert abs(m.meta_d_prime(correct, confident) - d) < 0.1
    hit = NORMAL.cdf(d / 2 - criterion) / NORMAL.cdf(d / 2)
    alarm = NORMAL.cdf(-d / 2 - criterion) / NORMAL.cdf(-d / 2)
    assert m._false_alarms(d, hit) == pytest.approx(alarm)
    assert m._false_alarms(d + 0.1, hit) < alarm < m._false_alarms(d - 0.1, hit)


def test_meta_d_prime_falls_with_noise_in_the_judgement_and_is_none_without_any_insight() -> None:
    found = [m.meta_d_prime(*two_choices(1.5, 0.8, noise, 100_000)) for noise in (0.0, 0.5, 1.0, 2.0)]
    assert found == sorted(found, reverse=True) and found[-1] < 0.7 * found[0]
    assert m.meta_d_prime([True] * 60 + [False] * 40, ([True] * 3 + [False] * 3) * 10 + [True, False] * 20) == (
        pytest.approx(0, abs=1e-9)
    )


def test_meta_d_prime_is_the_maximum_of_the_likelihood() -> None:
    """Against scipy's minimizer on the likelihood of hits and false alarms of Maniscalco and Lau's model."""
    correct, confident = two_choices(1.2, 0.7, 0.6, 5_000)
    c, y = np.array(correct), np.array(confident)

    def loss(parameters: tuple[float, float]) -> float:
        d, criterion = parameters
        total = 0.0
        for group, side in ((y[c], 1), (y[~c], -1)):
            rate = norm.cdf(side * d / 2 - criterion) / norm.cdf(side * d / 2)
            total -= group.sum() * np.log(rate) + (~group).sum() * np.log(1 - rate)
        return float(total)

    best = minimize(loss, (1.0, 1.0), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    assert m.meta_d_prime(correct, confident) == pytest.approx(best.x[0], abs=1e-4)


@pytest.mark.parametrize("said", [[True] * 6, [False] * 6, [True] * 3 + [False] * 3, [False] * 3 + [True] * 3])
def test_meta_d_prime_is_finite_for_every_sample(said: list[bool]) -> None:
    for correct in ([True] * 6, [False] * 6, [True] * 3 + [False] * 3):
        assert abs(m.meta_d_prime(correct, said)) <= m.MAX_META_D
    assert m.meta_d_prime([], []) == m.type1_d_prime([]) == 0.0
