"""The contract of esreason and that of Gymnasium, over the whole registry."""

from __future__ import annotations

import json
import warnings

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env as check_gymnasium

import esreason
from esreason.core.registry import env_class, env_info
from tests.envs._everything import IDS, NAMES, started, three_levels


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_holds(name: str) -> None:
    for level in three_levels(name):
        esreason.check_env(name, range(level, level + 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_contract_holds_at_every_level(name: str) -> None:
    esreason.check_env(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_verifier_keeps_its_contract(name: str) -> None:
    esreason.check_verifier(name)


@pytest.mark.parametrize("name", NAMES)
def test_gymnasium_accepts_it(name: str) -> None:
    """Made by id and bare: resets are compared only where there is a spec."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is not within the action space")  # random text is never sensible
        check_gymnasium(gymnasium.make(IDS[name]).unwrapped, skip_render_check=True)
        check_gymnasium(env_class(name)(render_mode="ansi"), skip_render_check=True)


@pytest.mark.parametrize("name", NAMES)
def test_the_spec_survives_json(name: str) -> None:
    env = gymnasium.make(IDS[name], level=2, split="validation", mode="answer")
    assert env.spec is not None
    again = gymnasium.make(gymnasium.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.reset(seed=3) == env.reset(seed=3)


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_itself(name: str) -> None:
    cls, info = env_class(name), env_info(name)
    assert cls.rules and cls.action_rule and cls.answer_rule
    assert all(text == text.strip() and text.endswith(".") for text in (cls.rules, cls.action_rule, cls.answer_rule))
    assert info.summary and len(info.summary) <= 80, "a summary is one line of a table"
    assert (cls.__doc__ or "").strip() and cls.__doc__ != esreason.ReasoningEnv.__doc__
    assert info.id.startswith("esreason/") and cls.levels >= 5


@pytest.mark.parametrize("name", NAMES)
def test_observations_are_compact(name: str) -> None:
    for level in three_levels(name):
        env = started(name, 1, level)
        text, info = env.reset(seed=1)
        assert text and text == text.strip("\n"), "an observation starts with the state and ends without a newline"
        assert info["rules"] not in text
        assert json.loads(json.dumps(info["task"])) == env.task.to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_hidden_parts_of_a_payload_stay_hidden(name: str) -> None:
    """The solver's answer is not shown, except where it is so short that it occurs by chance."""
    shown = 0
    for seed in range(5):
        env = started(name, seed, three_levels(name)[1])
        answer = env.solve(env.task).answer
        shown += len(answer) > 8 and answer in env._observe(env._instance, env._state)
    assert shown < 2
