"""Choosing sigma from what the members of each rung score."""

from __future__ import annotations

import pytest

from esreason.es.probe import LADDER, Rung, bearable, choose


def rungs(*means: float) -> list[Rung]:
    return [Rung(sigma, mean, 0.1) for sigma, mean in zip(LADDER, means, strict=False)]


@pytest.mark.parametrize(
    ("means", "sigma"),
    [
        ((0.14, 0.14, 0.14, 0.16, 0.20, 0.21, 0.23, 0.10), LADDER[5]),  # falls after the seventh: the sixth
        ((0.5, 0.5, 0.1), LADDER[0]),
        ((0.5, 0.1), LADDER[0]),  # only the first is borne, and there is nothing below
        ((0.5,), LADDER[0]),
        ((0.0,) * len(LADDER), LADDER[-2]),  # nothing to lose anywhere
        (tuple(0.1 * k for k in range(len(LADDER))), LADDER[-2]),
        ((0.5, 0.41, 0.42, 0.39), LADDER[1]),
    ],
)
def test_the_rung_below_the_largest_that_is_borne(means: tuple[float, ...], sigma: float) -> None:
    assert choose(rungs(*means)) == sigma


def test_a_rung_is_borne_while_it_keeps_four_fifths_of_the_best() -> None:
    assert bearable(rungs(0.5, 0.4))
    assert not bearable(rungs(0.5, 0.39))
