"""The bundled model: its files, its tokenizer on real observations, its recipe."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

import esreason
from esreason.core.registry import env_class
from esreason.models import SPROUT, model_path
from esreason.models.players import PLAYERS, position, success
from esreason.models.train import EXPERT_SHARE, train


@pytest.fixture(scope="module")
def tokenizer():  # type: ignore[no-untyped-def]
    return AutoTokenizer.from_pretrained(SPROUT)


def test_plain_transformers_loads_it() -> None:
    model = AutoModelForCausalLM.from_pretrained(SPROUT)
    assert sum(weight.numel() for weight in model.parameters()) == 894_592
    assert (SPROUT / "model.safetensors").stat().st_size < 5_000_000


def test_the_name_stands_for_the_directory() -> None:
    assert model_path("sprout") == SPROUT
    assert model_path("elsewhere") == "elsewhere"


@pytest.mark.parametrize("name", PLAYERS)
def test_observations_and_actions_survive_the_tokenizer(tokenizer, name: str) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(0)
    for _ in range(50):
        for text in position(name, rng):
            ids = tokenizer(text + "\n")["input_ids"]
            assert tokenizer.decode(ids, skip_special_tokens=True) == text + "\n"
            assert tokenizer.unk_token_id not in ids
            assert "\n" in tokenizer.convert_ids_to_tokens(ids[-1])


def test_text_outside_ascii_becomes_unknown_and_nothing_breaks(tokenizer) -> None:  # type: ignore[no-untyped-def]
    assert tokenizer.unk_token_id in tokenizer("\u4e2d\U0001f600")["input_ids"]


@pytest.mark.parametrize("name", PLAYERS)
def test_the_expert_always_wins_and_the_habit_seldom(name: str) -> None:
    expert, habit = PLAYERS[name]
    assert success(name, expert, 60) == 1.0
    assert success(name, habit, 200) < 0.4


def test_players_see_the_training_split_only() -> None:
    rng = random.Random(1)
    env = env_class("sorting")
    for _ in range(200):
        observation, _, _ = position("sorting", rng)
        assert observation
    task = env.make_task(3, 1, "train")
    assert env.split_of(task.payload) == "train"


def test_level_one_has_four_hundred_different_test_tasks() -> None:
    for name in PLAYERS:
        env = env_class(name)
        seen = {
            json.dumps(env._identity(env.make_task(seed, 1, "test").payload), sort_keys=True) for seed in range(2500)
        }
        assert len(seen) >= 400, name


def test_the_recipe_repeats_bit_for_bit(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(tmp_path / name, seed=3, scale=1 / 1200, quiet=True)
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("a", "b")]
    assert weights[0] == weights[1]
    assert set(EXPERT_SHARE) == set(PLAYERS)


def test_the_card_names_every_environment() -> None:
    card = (SPROUT / "README.md").read_text(encoding="utf-8")
    for name in PLAYERS:
        assert name in card
    assert esreason.__version__
