"""What a ladder of probes gives away, on landscapes that are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from esreason.theory.ladder import Ladder, Rung, components, curvature

Array = NDArray[np.float64]


def quadratic(sigma: float, pairs: int, tasks: int, luck: float, seed: int) -> tuple[Array, Array, Array, Array]:
    """Scores of mirrored members and of the centre on a quadratic with luck of tasks; its gradient and spectrum."""
    rng = np.random.default_rng(seed)
    gradient, spectrum = rng.normal(size=40), np.where(np.arange(40) < 8, 2.0, 0.0)
    e = rng.standard_normal((pairs, 40))
    e = np.stack([e, -e], axis=1).reshape(2 * pairs, 40)
    true = sigma * e @ gradient - 0.5 * sigma**2 * e**2 @ spectrum
    easy = rng.normal(size=tasks)
    scores = true[:, None] + easy + luck * rng.standard_normal((2 * pairs, tasks))
    return scores, easy, gradient, spectrum


def test_the_signal_is_the_gradient_whatever_the_luck_of_tasks() -> None:
    sigma = 0.05
    scores, _, gradient, _ = quadratic(sigma, 4000, 8, luck=1.0, seed=0)
    signal = Rung(sigma, scores).signal()
    assert signal.mean() == pytest.approx(sigma**2 * gradient @ gradient, abs=4 * signal.std() / np.sqrt(4000))
    noise = np.random.default_rng(1).standard_normal((8000, 8))  # no signal at all
    nothing = Rung(sigma, noise).signal()
    assert abs(nothing.mean()) < 4 * nothing.std() / np.sqrt(4000)


def test_curvature_and_its_effective_dimension_are_recovered() -> None:
    sigma = 0.3
    scores, easy, _, spectrum = quadratic(sigma, 6000, 6, luck=0.3, seed=2)
    trace, dimension = curvature(Ladder(easy, ()), Rung(sigma, scores))
    assert trace == pytest.approx(spectrum.sum(), rel=0.05)
    assert dimension == pytest.approx(spectrum.sum() ** 2 / (spectrum**2).sum(), rel=0.1)


def test_noise_that_helps_is_a_negative_trace_without_a_dimension() -> None:
    scores = np.full((8, 4), 0.5) + np.random.default_rng(0).normal(0, 0.01, (8, 4))
    trace, dimension = curvature(Ladder(np.full(4, 0.2), ()), Rung(0.1, scores))
    assert trace == pytest.approx(-2 * 0.3 / 0.01, rel=0.1)
    assert dimension is None


def test_components_of_variance_are_separated() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 0.5, (3000, 1)) + rng.normal(0, 2, 10) + rng.normal(0, 1.5, (3000, 10))
    lasting, luck = components(scores)
    assert lasting == pytest.approx(0.25, rel=0.15)
    assert luck == pytest.approx(2.25, rel=0.05)


def test_the_odd_share_is_one_on_a_slope_and_a_half_in_pure_luck() -> None:
    e = np.random.default_rng(4).normal(size=(500, 1, 1))
    slope = np.concatenate([e, -e], axis=1).reshape(1000, 1) + np.zeros((1, 5))
    assert Rung(0.1, slope).odd_share(8) == pytest.approx(1.0, abs=0.05)
    assert Rung(0.1, np.random.default_rng(5).normal(size=(2000, 10))).odd_share(8) == pytest.approx(0.5, abs=0.05)


def ladder(means: list[float], sigmas: tuple[float, ...] = (0.001, 0.01, 0.1, 1.0)) -> Ladder:
    return Ladder(np.zeros(2), tuple(Rung(s, np.full((4, 2), m)) for s, m in zip(sigmas, means, strict=False)))


@pytest.mark.parametrize(
    ("means", "edge", "open_"),
    [
        ([0.4, 0.4, 0.0], 10**-1.5, False),  # half is lost half-way between 0.01 and 0.1, in log sigma
        ([0.2, 0.4, 0.3, 0.1], 10 ** (-1 + 0.5), False),  # half of the best so far, 0.2, lies half-way from 0.3 to 0.1
        ([0.1, 0.2, 0.3, 0.4], 1.0, True),
        ([0.0, 0.0, 0.0, 0.0], 1.0, True),
        ([0.4, 0.1], 0.01 ** (2 / 3) * 0.001 ** (1 / 3), False),
    ],
)
def test_the_window_ends_where_half_of_the_best_is_lost(means: list[float], edge: float, open_: bool) -> None:
    found = ladder(means)
    assert found.edge() == pytest.approx(edge)
    assert found.open is open_


def test_what_survives_falls_from_the_best_rung_on() -> None:
    found = ladder([0.1, 0.4, 0.2, 0.3])
    kept = found.keep(np.array([0.0, 0.0005, 0.01, 10**-1.5, 0.1, 1.0, 10.0]))
    assert kept == pytest.approx([1.0, 1.0, 1.0, 0.75, 0.5, 0.5, 0.5])
    closed = ladder([0.1, 0.4, 0.3, 0.1]).keep(np.array([1.0, 10**0.25, 10.0]))
    assert closed == pytest.approx([0.25, 0.125, 0.0], abs=1e-12)  # half a decade after 0.75 -> 0.25 in one it is gone


def test_a_bootstrap_sample_keeps_pairs_tasks_and_rungs_together() -> None:
    """Every score tells its pair, its sign and its task; rungs are redrawn alike."""
    marks = np.arange(12)[:, None] * 100.0 + np.arange(5)
    found = Ladder(np.arange(5.0), (Rung(0.1, marks), Rung(0.2, marks + 0.5))).redrawn(np.random.default_rng(0))
    first, second = (rung.scores for rung in found.rungs)
    assert np.array_equal(second, first + 0.5)
    assert np.array_equal(first[1::2] - first[::2], np.full((6, 5), 100.0))
    assert np.array_equal(first % 100, np.tile(found.centre, (12, 1)))
