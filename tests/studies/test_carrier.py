"""The players that teach the bases of the study of long horizons, and the models that are made of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("torch")

from esreason.core.registry import env_class, solve
from esreason.engines.torch_engine import TorchEngine
from esreason.models.players import Player, position
from esreason.studies.carrier import SKILLS, make
from esreason.studies.played import play, tasks_of


def played(name: str, player: Player, level: int, seed: int) -> tuple[float, int]:
    """The score of a player's episode, and its steps."""
    env = env_class(name)(level=level, split="validation")
    env.reset(seed=seed)
    steps = 0
    while True:
        _, reward, terminated, truncated, _ = env.step(player(type(env), env._instance, env._state))
        steps += 1
        if terminated or truncated:
            return reward, steps


@pytest.mark.parametrize("level", [1, 5, 10])
@pytest.mark.parametrize("name", SKILLS)
def test_the_expert_wins_in_little_more_than_the_fewest_steps(name: str, level: int) -> None:
    fewest = expert = 0
    for seed in range(10):
        score, steps = played(name, SKILLS[name].expert, level, seed)
        assert score == 1.0
        expert += steps
        fewest += len(solve(env_class(name).make_task(seed, level, "validation")).actions)
    assert fewest <= expert <= 1.2 * fewest


@pytest.mark.parametrize("name", SKILLS)
def test_the_habit_wins_now_and_then_at_every_level(name: str) -> None:
    for level in (1, 5, 10):
        wins = sum(played(name, SKILLS[name].habit, level, seed)[0] for seed in range(60))
        assert 3 <= wins <= 36


def test_positions_come_from_all_levels_and_show_where_the_players_differ() -> None:
    drawn = [position("gripper", SKILLS["gripper"], random.Random(seed)) for seed in range(200)]
    balls = {observation.count(",") + 1 for observation, _, _ in drawn}
    assert balls == {3, 4, 5, 6, 7, 8}
    differ = [(best, bad) for _, best, bad in drawn if best != bad]
    assert 10 <= len(differ) <= 100
    assert all(best.startswith("move ") and bad.startswith("pick ") for best, bad in differ)


@pytest.mark.parametrize("name", SKILLS)
def test_a_model_is_made_and_plays(name: str, tmp_path: Path) -> None:
    made = make(tmp_path, name, steps=4, positions=4, seed=1)
    again = make(tmp_path / "again", name, steps=4, positions=4, seed=1)
    assert made == again and made["parameters"] > 10_000
    first, second = (TorchEngine(str(place)).weights_sha256() for place in (tmp_path, tmp_path / "again"))
    assert first == second
    [one] = play(TorchEngine(str(tmp_path)), tasks_of(name, 1, "validation", 1))
    assert len(one.turns) >= 1
