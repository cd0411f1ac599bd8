"""The bundled models: their files, their tokenizers on real observations, their recipes."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from esreason.core.errors import UnknownNameError
from esreason.core.registry import env_class, env_info
from esreason.engines.torch_engine import TorchEngine
from esreason.models import BUNDLED, SPROUT, bundled_for, model_path
from esreason.models.players import Skill, position, success
from esreason.models.recipe import SKILLS, recipe
from esreason.models.tokenizer import save_tokenizer
from esreason.models.train import train
from esreason.rollout.judgement import question
from esreason.studies.played import play, tasks_of

PLAYED = [(model, env) for model, envs in BUNDLED.items() for env in envs]


@pytest.fixture(scope="module", params=BUNDLED)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def tokenizers() -> dict[str, Any]:
    return {model: AutoTokenizer.from_pretrained(model_path(model)) for model in BUNDLED}


def test_plain_transformers_loads_it(model: str) -> None:
    count = sum(weight.numel() for weight in AutoModelForCausalLM.from_pretrained(model_path(model)).parameters())
    card = (Path(model_path(model)) / "README.md").read_text(encoding="utf-8")
    assert f"{count:,} parameters" in card
    assert (Path(model_path(model)) / "model.safetensors").stat().st_size < 5_000_000


def test_the_names_stand_for_directories() -> None:
    assert model_path("sprout") == SPROUT
    assert model_path("elsewhere") == "elsewhere"


def test_the_default_is_the_model_that_was_taught_the_environments() -> None:
    for model, env in PLAYED:
        assert bundled_for(env) == model
    assert bundled_for("sorting,countdown") == "sprout"
    assert bundled_for("bet, inequality") == "seedling"
    assert bundled_for("sorting,bet") == bundled_for("maze") == bundled_for("") == "sprout"


def test_the_second_model_plays_each_family_that_the_first_does_not() -> None:
    assert {"symbolic", "programs", "metacognition"} == {env_info(env).family for env in BUNDLED["seedling"]}


def test_the_recipe_writes_the_tokenizer_that_is_bundled(model: str, tmp_path: Path) -> None:
    save_tokenizer(tmp_path, recipe(model).tokens)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (Path(model_path(model)) / name).read_bytes()


@pytest.mark.parametrize(("model", "env"), PLAYED)
def test_observations_and_actions_survive_the_tokenizer(tokenizers: dict[str, Any], model: str, env: str) -> None:
    rng, tokenizer = random.Random(0), tokenizers[model]
    for _ in range(50):
        for text in position(env, SKILLS[env], rng):
            ids = tokenizer(text + "\n")["input_ids"]
            assert tokenizer.decode(ids, skip_special_tokens=True) == text + "\n"
            assert tokenizer.unk_token_id not in ids
            assert "\n" in tokenizer.convert_ids_to_tokens(ids[-1])


def test_text_outside_ascii_becomes_unknown_and_nothing_breaks(tokenizers: dict[str, Any], model: str) -> None:
    assert tokenizers[model].unk_token_id in tokenizers[model]("\u4e2d\U0001f600")["input_ids"]


@pytest.mark.parametrize(("model", "env"), PLAYED)
def test_the_expert_wins_and_the_habit_seldom(model: str, env: str) -> None:
    sure = model == "sprout" or env_info(env).family != "metacognition"
    expert = success(env, SKILLS[env].expert, 60)
    assert expert == 1.0 if sure else 0.5 < expert < 0.7  # it knows what it does not know, no more
    assert success(env, SKILLS[env].habit, 200) < 0.4


def test_players_see_the_training_split_only() -> None:
    """The players are handed the instance of every position: none of them stands outside the training split."""
    for _, env in PLAYED:
        cls, seen = env_class(env), list[Any]()

        def spy(env: Any, instance: Any, state: Any, name: str = env, seen: list[Any] = seen) -> str:
            seen.append(instance)
            return SKILLS[name].expert(env, instance, state)

        rng, twin = random.Random(1), random.Random(1)
        for _ in range(20):
            position(env, Skill(spy, SKILLS[env].habit), rng)
            task = cls.make_task(twin.randrange(2**40), 1, "train")
            assert cls.split_of(task.payload) == "train"
            assert seen[-1] == cls.instance_of(task)
            twin.setstate(rng.getstate())


@pytest.mark.parametrize(("model", "env"), PLAYED)
def test_level_one_has_four_hundred_different_test_tasks(model: str, env: str) -> None:
    cls = env_class(env)
    seen = {json.dumps(cls._identity(cls.make_task(seed, 1, "test").payload), sort_keys=True) for seed in range(2500)}
    assert len(seen) >= 400


def test_a_grade_is_asked_with_the_words_of_a_run() -> None:
    for env, skill in SKILLS.items():
        if skill.grade is None:
            continue
        rng, end = random.Random(2), question("graded", "")
        asked = [(best, bad) for text, best, bad in (position(env, skill, rng) for _ in range(200)) if end in text]
        assert 20 < len(asked) < 80
        assert {bad for _, bad in asked} == {"9"}
        assert len({best for best, _ in asked}) > 1


@pytest.mark.parametrize("env", BUNDLED["seedling"])
def test_the_second_model_starts_low(env: str) -> None:
    played = play(TorchEngine(model_path("seedling")), tasks_of(env, 1, "test", 64))
    assert 0.03 < sum(one.episode.score for one in played) / 64 < 0.45


def test_a_recipe_repeats_bit_for_bit(model: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(model, tmp_path / name, seed=3, scale=1 / 1200, quiet=True)
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("a", "b")]
    assert weights[0] == weights[1]
    for stage in recipe(model).stages:
        assert set(stage.positions) == set(stage.shares) == set(BUNDLED[model])


def test_an_unknown_recipe_is_named() -> None:
    with pytest.raises(UnknownNameError, match=re.escape("seedling")):
        recipe("seedlings")


def test_the_card_names_every_environment(model: str) -> None:
    card = (Path(model_path(model)) / "README.md").read_text(encoding="utf-8")
    for env in BUNDLED[model]:
        assert f"\n| {env} |" in card
