"""Splits that share no task, and tasks that seldom repeat."""

from __future__ import annotations

import pytest

from esreason.core.registry import env_class
from esreason.core.task import SPLITS, canonical_json
from tests.envs._everything import NAMES, three_levels

HELD_OUT, TRAIN = 12, 200


def identities(name: str, level: int, split: str, count: int) -> list[str]:
    cls = env_class(name)
    return [canonical_json(cls._identity(cls.make_task(seed, level, split).payload)) for seed in range(count)]


def expected_repeats(count: int, space: float) -> float:
    """How many of `count` draws from `space` equally likely tasks repeat an earlier one, on average."""
    return count - space * (1 - (1 - 1 / space) ** count)


def check_repeats(name: str, level: int, drawn: list[str]) -> None:
    repeats, space = len(drawn) - len(set(drawn)), env_class(name).task_space.get(level)
    allowed = 0.01 * len(drawn)
    if space is not None:
        allowed = max(allowed, 2 * expected_repeats(len(drawn), 0.75 * space))
    assert repeats <= allowed + 2, f"{name} level {level}: {repeats} of {len(drawn)} tasks repeat, stated space {space}"


@pytest.mark.parametrize("name", NAMES)
def test_splits_are_disjoint_and_tasks_differ(name: str) -> None:
    drawn = {split: identities(name, 1, split, TRAIN if split == "train" else HELD_OUT) for split in SPLITS}
    for split in SPLITS:
        for other in SPLITS:
            assert split == other or not set(drawn[split]) & set(drawn[other]), f"{split} and {other} share a task"
    check_repeats(name, 1, drawn["train"])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_tasks_seldom_repeat(name: str) -> None:
    for level in three_levels(name)[:2]:
        check_repeats(name, level, identities(name, level, "train", 1_000))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_test_split_holds_enough_tasks(name: str) -> None:
    """At least 400 distinct test tasks at level 1, and none of them among the training tasks."""
    cls, held_out = env_class(name), set[str]()
    for seed in range(3_000):
        held_out.add(canonical_json(cls._identity(cls.make_task(seed, 1, "test").payload)))
        if len(held_out) == 400:
            break
    assert len(held_out) == 400, f"level 1 has only {len(held_out)} tasks of the test split"
    assert not held_out & set(identities(name, 1, "train", 500))
