"""Climbing the ladder: which members it asks for, and where it stops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from esreason.es.noise import Member
from esreason.es.probe import LADDER, climb
from esreason.theory.ladder import Ladder


def climbed(success: Sequence[float], asked: list[list[Member]]) -> Ladder:
    def play(members: Sequence[Member]) -> NDArray[np.float64]:
        asked.append(list(members))
        return np.full((len(members), 4), success[len(asked) - 1])

    return climb(play, 7, lambda ladder: None, members=6)


def test_it_stops_at_the_first_rung_that_ends_the_window() -> None:
    asked: list[list[Member]] = []
    ladder = climbed([0.1, 0.2, 0.4, 0.3, 0.1, 0.9], asked)
    assert [rung.sigma for rung in ladder.rungs] == list(LADDER[:4])
    assert LADDER[2] < ladder.edge() < LADDER[3]
    assert len(asked) == 5


def test_rungs_share_their_mirrored_members() -> None:
    asked: list[list[Member]] = []
    climbed([0.5] * 10, asked)
    assert [member.seed for member in asked[0]] == [0]
    for members, sigma in zip(asked[1:], LADDER, strict=True):
        assert [member.sigma for member in members] == [sigma] * 6
        assert [member.seed for member in members] == [member.seed for member in asked[1]]
        assert [a.seed + b.seed for a, b in zip(members[::2], members[1::2], strict=True)] == [0, 0, 0]


def test_a_base_that_solves_nothing_climbs_to_the_top() -> None:
    ladder = climbed([0.0] * 10, [])
    assert ladder.open
    assert ladder.edge() == pytest.approx(LADDER[-1])
