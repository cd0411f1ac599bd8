"""Probing around a model: members at one sigma after another, on common training tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from esreason.core.task import Task
from esreason.es.executor import Executor
from esreason.es.noise import CENTRE, Member
from esreason.es.strategy import member_seed
from esreason.rollout.unit import split
from esreason.theory.ladder import Ladder, Rung

LADDER = (0.001, 0.0025, 0.005, 0.01, 0.016, 0.025, 0.04, 0.063, 0.1)
"""The sigmas tried, from the smallest on; published values lie at the low end, small models need the high one."""

MEMBERS = 16
TASKS = 32

Play = Callable[[Sequence[Member]], NDArray[np.float64]]
"""Plays the probe's tasks: scores [members, tasks]."""


def climb(play: Play, seed: int, tell: Callable[[Ladder], None], members: int = MEMBERS) -> Ladder:
    """The ladder up to the first rung that ends the window; `tell` hears of every rung.

    All rungs have the same members, mirrored pairs side by side, so that they differ by sigma alone.
    """
    ladder = Ladder(play([CENTRE])[0], ())
    for sigma in LADDER:
        drawn = [member_seed(seed, -1, k) for k in range(members // 2)]
        scores = play([Member(s, sigma) for one in drawn for s in (one, -one)])
        ladder = Ladder(ladder.centre, (*ladder.rungs, Rung(sigma, scores)))
        tell(ladder)
        if not ladder.open:
            break
    return ladder


def player(executor: Executor, tasks: Sequence[Task], seed: int) -> Play:
    """Plays these tasks through an executor, outside of any run."""

    def play(members: Sequence[Member]) -> NDArray[np.float64]:
        units = list(split(members, tasks, seed))
        scores = np.zeros((len(members), len(tasks)))
        for index, rows in executor.play(units):
            unit = units[index]
            for m, row in enumerate(rows):
                scores[unit.member + m, unit.task : unit.task + len(row)] = [episode.score for episode in row]
        return scores

    return play
