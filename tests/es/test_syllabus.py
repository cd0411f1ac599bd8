"""Which tasks a run plays: shared out over its environments, in turns."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import esreason
from esreason.core.errors import UnknownNameError, UsageError
from esreason.core.seeding import digest
from esreason.es.config import RunConfig, make_config
from esreason.es.strategies import BUILTIN
from esreason.es.strategy import Settings
from esreason.es.syllabus import Syllabus

FIVE = "sudoku,countdown,hanoi,shortest_path,sorting"


def config(env: str, **more: object) -> RunConfig:
    return make_config({"env": env, "model": "sprout", **more})


def test_one_environment_has_the_tasks_of_its_seeds() -> None:
    syllabus = Syllabus(config("sorting", tasks=3, seed=5))
    seeds = [int.from_bytes(digest(5, "train", 2, k, size=6), "big") for k in range(3)]
    assert syllabus.training(2, 1) == [esreason.make_task("sorting", seed) for seed in seeds]
    assert syllabus.validation(1)[:2] == [esreason.make_task("sorting", seed, 1, "validation") for seed in (0, 1)]
    assert syllabus.columns(2) == [[0, 1, 2]]


@pytest.mark.parametrize("tasks", [2, 5, 7, 8])
def test_environments_take_turns(tasks: int) -> None:
    syllabus = Syllabus(config(FIVE, tasks=tasks))
    played: Counter[str] = Counter()
    for iteration in range(5):
        names = [task.env for task in syllabus.training(iteration, 1)]
        played.update(names)
        assert [[names[place] for place in places] for places in syllabus.columns(iteration)] == [
            [name] * names.count(name) for name in FIVE.split(",") if name in names
        ]  # fmt: skip
    assert set(played.values()) == {tasks}


def test_tests_are_those_of_each_environment_alone() -> None:
    both = Syllabus(config("hanoi,sorting", test_episodes=4)).test()
    alone = [Syllabus(config(env, test_episodes=4)).test() for env in ("hanoi", "sorting")]
    assert both == alone[0] + alone[1]


def test_names_are_checked_in_one_sentence() -> None:
    assert config(" hanoi, sorting").env == "hanoi,sorting"
    with pytest.raises(UnknownNameError, match="did you mean 'hanoi'"):
        config("sorting,hanio")
    with pytest.raises(UsageError, match="named twice"):
        config("hanoi,sorting,hanoi")
    with pytest.raises(UnknownNameError, match="no environment named ''"):
        config("hanoi,")
    with pytest.raises(UsageError, match="validation episodes"):
        config(FIVE, validation_episodes=4)
    with pytest.raises(UsageError, match="levels 1 to 10"):
        config("hanoi,sorting", level=11)


def test_every_environment_counts_alike_whatever_its_rewards() -> None:
    rng = np.random.default_rng(3)
    fitness = rng.random((16, 6))
    columns = [[0, 1, 2, 3, 4], [5]]
    scaled = fitness * np.array([1, 1, 1, 1, 1, 1e-4]) + np.array([0, 0, 0, 0, 0, 0.5])

    def told(values: np.ndarray) -> np.ndarray:
        strategy = BUILTIN["mirrored"](Settings(population=16, sigma=0.1, alpha=0.2), seed=1)
        update = strategy.tell(values, columns)
        return np.array(update.coefficients) * update.scale * 16

    parts = [fitness[:, c] - fitness[:, c].mean(axis=0) for c in columns]
    z = [part.mean(axis=1) / part.mean(axis=1).std() for part in parts]
    assert told(fitness) == pytest.approx((z[0] + z[1]) / np.sqrt(2), abs=1e-4)
    assert told(scaled) == pytest.approx(told(fitness), abs=1e-4)


def test_an_environment_where_all_members_are_alike_takes_no_part() -> None:
    rng = np.random.default_rng(4)
    fitness = np.hstack([rng.random((8, 2)), np.ones((8, 2))])
    strategies = [BUILTIN["mirrored"](Settings(population=8, sigma=0.1, alpha=0.2), seed=1) for _ in range(2)]
    both, alone = strategies[0].tell(fitness, [[0, 1], [2, 3]]), strategies[1].tell(fitness[:, :2])
    share = np.array(both.coefficients) * both.scale / (np.array(alone.coefficients) * alone.scale)
    assert share == pytest.approx(np.full(8, np.sqrt(0.5)), rel=1e-3)
