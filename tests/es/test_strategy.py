"""ask/tell: seeds, shaping, integer coefficients, schedules and presets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from esreason.core.errors import UnknownNameError, UsageError
from esreason.es.schedule import Schedule
from esreason.es.shaping import SHAPINGS, centred_ranks, finite, task_zscore, zscore
from esreason.es.strategies import BUILTIN, strategy_class
from esreason.es.strategy import Settings, Strategy, as_integers, member_seed

FITNESS = arrays(np.float64, (6, 3), elements=st.floats(-10, 10, width=32))


def make(**more: object) -> Strategy:
    return BUILTIN["mirrored"](Settings(**{"population": 6, "sigma": 0.1, "alpha": 0.2, **more}), seed=3)  # type: ignore[arg-type]


def test_mirrored_members_stand_in_pairs_of_opposite_seeds() -> None:
    seeds = [member.seed for member in make().ask()]
    assert [a + b for a, b in zip(seeds[::2], seeds[1::2], strict=True)] == [0, 0, 0]
    assert len(set(map(abs, seeds))) == 3


def test_unmirrored_members_have_seeds_of_their_own() -> None:
    seeds = [member.seed for member in make(mirrored=False).ask()]
    assert len(set(seeds)) == 6
    assert min(seeds) > 0


def test_every_iteration_has_new_seeds() -> None:
    assert len({member_seed(0, i, k) for i in range(50) for k in range(20)}) == 1000


@given(FITNESS)
def test_shaped_utilities_sum_to_zero(fitness: np.ndarray) -> None:
    for shaping in SHAPINGS.values():
        assert abs(shaping(fitness).sum()) < 1e-6


@given(FITNESS)
def test_zscore_has_unit_spread_or_is_zero(fitness: np.ndarray) -> None:
    spread = zscore(fitness).std()
    assert spread == 0 or abs(spread - 1) < 1e-9


@given(arrays(np.float64, (6, 1), elements=st.integers(-50, 50).map(float)))
def test_ranks_do_not_change_under_monotone_maps(fitness: np.ndarray) -> None:
    assert np.array_equal(centred_ranks(fitness), centred_ranks(np.exp(fitness / 10)))


def test_task_centring_removes_what_a_task_gives_everybody() -> None:
    fitness = np.random.default_rng(0).random((8, 4))
    assert np.allclose(task_zscore(fitness), task_zscore(fitness + np.array([5.0, -3.0, 0.0, 100.0])))
    assert np.allclose(task_zscore(fitness), zscore(fitness))  # every member plays every task


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_failed_member_is_never_the_best(bad: float) -> None:
    fitness = np.array([[0.5], [bad], [1.0], [0.0], [0.25], [0.75]])
    update = make(shaping="ranks").tell(fitness)
    assert update.coefficients[1] == min(update.coefficients)
    assert finite(fitness)[1, 0] == 0.0


@settings(max_examples=50)
@given(arrays(np.float64, (9,), elements=st.floats(-1e6, 1e6)))
def test_integer_coefficients_are_the_utilities_to_sixteen_bits(utilities: np.ndarray) -> None:
    coefficients, scale = as_integers(utilities)
    largest = np.abs(utilities).max()
    if largest <= 2.0**-900:
        assert set(coefficients) == {0}
        return
    assert max(map(abs, coefficients)) < 2**17
    assert np.abs(np.array(coefficients) * scale - utilities).max() <= largest * 2**-15


def test_equal_fitness_moves_nothing() -> None:
    assert set(make().tell(np.full((6, 2), 0.5)).coefficients) == {0}


def test_telling_again_gives_the_same_updates() -> None:
    rng = np.random.default_rng(1)
    told = [rng.random((6, 4)) for _ in range(4)]
    first, second = make(), make()
    assert [first.tell(f) for f in told] == [second.tell(f) for f in told]


def test_schedules_scale_sigma_and_alpha() -> None:
    strategy = make(sigma_schedule=Schedule("cosine", 0.25, 5), alpha_schedule=Schedule("linear", 0.0, 3))
    sigmas, alphas = [], []
    for _ in range(5):
        sigmas.append(strategy.ask()[0].sigma)
        alphas.append(strategy.tell(np.random.default_rng(0).random((6, 2))).alpha)
    assert sigmas[0] == pytest.approx(0.1)
    assert sigmas[2] == pytest.approx(0.1 * 0.625)
    assert sigmas[4] == pytest.approx(0.025)
    assert alphas == pytest.approx([0.2, 0.1, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    "wrong",
    [{"population": 1}, {"population": 5}, {"sigma": 0.0}, {"alpha": float("nan")}, {"shaping": "best"}],
)
def test_wrong_settings_are_refused_with_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        make(**wrong)


def test_wrong_fitness_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="6"):
        make().tell(np.zeros((5, 2)))


def test_presets_name_their_papers() -> None:
    for cls in BUILTIN.values():
        assert "arXiv" in cls.paper


def test_unknown_strategies_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="eggroll"):
        strategy_class("egroll")
