"""How episodes go: illegal actions, limits, legal actions, the mode of one answer."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from esreason.core.env import ReasoningEnv, freeze
from esreason.core.errors import IllegalAction, UsageError
from esreason.core.registry import env_class
from tests.envs._everything import NAMES, AnyEnv, play, random_action, started, three_levels

NONSENSE = "\0nonsense"


@pytest.mark.parametrize("name", NAMES)
def test_an_illegal_action_changes_nothing_and_costs_a_step(name: str) -> None:
    env = started(name)
    before, state = env._observe(env._instance, env._state), env._state
    observation, reward, terminated, truncated, info = env.step(NONSENSE)
    board, _, sentence = observation.rpartition("\n! ")
    assert board == before and env._state == state
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 200
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert (info["steps"], info["illegal"]) == (1, 1)
    observation = env.step(random_action(started(name), random.Random(0)))[0]
    assert sentence not in observation or env._illegal == 2, "the sentence stays after a legal action"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_in_a_refusal_can_be_read(name: str) -> None:
    for level in three_levels(name):
        env = started(name, 2, level)
        sentence = env.step(NONSENSE)[0].rpartition("\n! ")[2]
        form = re.search(r" (?:not of the form|here, but) (.+?)(?: is)?\.$", sentence)
        for example in re.split(r",? or |, ", form[1]) if form else ():
            note = started(name, 2, level).step(example)[0].rpartition("\n! ")[2]
            assert not re.search(r"' is (?:no |not (?!there))", note), note


@pytest.mark.parametrize("name", NAMES)
def test_the_last_illegal_action_ends_the_episode_at_nothing(name: str) -> None:
    env = started(name)
    env._limit_now = 10
    *earlier, last = play(env, [NONSENSE] * 10)
    assert len(earlier) + 1 == env.max_illegal
    assert not any(result[1] or result[2] or result[3] for result in earlier)
    assert last[1:4] == (0.0, True, False)
    assert last[4]["verdict"]["score"] == 0.0 and "illegal action" in last[4]["verdict"]["reason"]
    with pytest.raises(UsageError, match=r"reset\(\)"):
        env.step(NONSENSE)


@pytest.mark.parametrize("name", NAMES)
def test_an_episode_is_cut_off_at_its_limit(name: str) -> None:
    for level in three_levels(name):
        env = started(name, 2, level)
        actions = env.solve(env.task).actions
        assert len(actions) <= env.limit_of(env.task) <= 5_000, "the limit leaves room to win, and ends"
        env._limit_now = 1
        if len(actions) > 1:
            _, reward, terminated, truncated, info = env.step(actions[0])
            assert (reward, terminated, truncated) == (0.0, False, True)
            assert info["verdict"]["score"] == 0.0 and "cut off" in info["verdict"]["reason"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_rewarded_before_the_end(name: str) -> None:
    env = started(name, 3, three_levels(name)[1])
    *earlier, last = play(env, env.solve(env.task).actions)
    assert all(result[1:4] == (0.0, False, False) and "verdict" not in result[4] for result in earlier)
    assert last[1:4] == (1.0, True, False) and last[4]["verdict"]["passed"] is True


def reached_by(cls: type[AnyEnv], instance: Any, state: Any, actions: list[str]) -> list[Any]:
    return [cls._apply(instance, state, action) for action in actions]


def spoilt(actions: list[str], rng: random.Random) -> list[str]:
    """Texts near legal actions, most of them illegal."""
    made = []
    for action in rng.sample(actions, min(len(actions), 6)):
        letters = list(action)
        letters[rng.randrange(len(letters))] = rng.choice("0123456789abcdXUDLR=->., ")
        made += ["".join(letters), action[:-1], action + action[-1], action.swapcase(), f"{action} {action}"]
    return made


@pytest.mark.parametrize("name", NAMES)
def test_the_legal_actions_are_exactly_those_that_apply(name: str) -> None:
    """On random walks each listed action applies; any other text either is refused or spells a listed action."""
    cls, rng = env_class(name), random.Random(name)
    if cls._legal.__func__ is ReasoningEnv._legal.__func__:  # type: ignore[attr-defined]
        pytest.skip("its actions are too many to list")
    for level in three_levels(name)[:2]:
        env, other = started(name, 4, level), started(name, 5, level)
        pool: list[str] = list(other.legal_actions() or [])
        for _ in range(12):
            legal = env.legal_actions()
            if legal is None:
                break
            instance, state = env._instance, env._state
            assert len(set(legal)) == len(legal) and legal == cls._legal(instance, state)
            reached = reached_by(cls, instance, state, legal)
            for action in {*spoilt(legal, rng), *rng.sample(pool, min(len(pool), 10))} - set(legal):
                try:
                    assert cls._apply(instance, state, action.strip()) in reached, f"{action!r} is legal but not listed"
                except IllegalAction as error:
                    assert str(error).endswith(".") and "\n" not in str(error)
            pool = legal or pool
            if not legal:
                break
            env.step(rng.choice(legal))


@pytest.mark.parametrize("name", NAMES)
def test_states_are_data(name: str) -> None:
    env, rng = started(name, 6, three_levels(name)[1]), random.Random(6)
    for _ in range(8):
        if env._over:
            break
        assert freeze(json.loads(json.dumps(env._state, allow_nan=False))) == env._state
        assert hash(env._state) == hash(freeze(env._state))
        env.step(random_action(env, rng))


@pytest.mark.parametrize("name", NAMES)
def test_one_answer_is_a_whole_episode(name: str) -> None:
    env, steps = started(name, 7, mode="answer"), started(name, 7)
    observation, info = env.reset(seed=7)
    assert observation == steps.reset(seed=7)[0]
    assert info["limit"] == 1 and "legal_actions" not in info and env.legal_actions() is None
    assert env.answer_rule in info["rules"] and env.action_rule not in info["rules"]
    for text in ("", "?", NONSENSE, observation, info["rules"]):
        env.reset(seed=7)
        assert env.step(text)[1:4] == (0.0, True, False), f"the answer {text[:60]!r} is rewarded"
    env.reset(seed=7)
    *_, info = env.step(env.solve(env.task).answer)
    assert info["verdict"]["passed"] is True


@pytest.mark.parametrize("name", NAMES)
def test_it_renders_as_text(name: str) -> None:
    env = started(name, 8, render_mode="ansi")
    assert env.render() == env.reset(seed=8)[0]
    assert started(name, 8).render() is None


@pytest.mark.parametrize("name", NAMES)
def test_custom_tasks_are_played_as_generated_ones(name: str) -> None:
    cls = env_class(name)
    task = cls.task_from_payload(dict(cls.make_task(9).payload))
    env: AnyEnv = cls(level=3)
    _, info = env.reset(options={"task": task.to_dict()})
    assert info["task"]["split"] == "custom"
    assert play(env, cls.solve(task).actions)[-1][1] == 1.0


HOSTILE_PAYLOADS: list[Any] = [
    {}, {"size": 4}, {"": None}, {"size": 10**9, "givens": "." * 16},
    {"numbers": [10**30] * 3, "target": 1, "use_all": True},
    {"nodes": ["A"] * 100_000, "edges": [], "source": "A", "target": "A"}, {"disks": 10**6, "start": "A", "goal": "C"},
]  # fmt: skip

WRONG_VALUES: list[Any] = [None, [], {}, "", -1, 10**40, float("nan"), [[None]], "x" * 10_000]


@pytest.mark.parametrize("name", NAMES)
def test_malformed_payloads_are_refused_in_one_sentence(name: str) -> None:
    cls = env_class(name)
    good = json.loads(json.dumps(dict(cls.make_task(0).payload)))
    bad: list[Any] = [*HOSTILE_PAYLOADS, {**good, "extra": 1}]
    for key in good:
        bad.append({k: v for k, v in good.items() if k != key})
        bad += [{**good, key: value} for value in WRONG_VALUES]
    accepted = []
    for payload in bad:
        try:
            task = cls.task_from_payload(payload)
        except ValueError as error:
            assert str(error) and "\n" not in str(error) and len(str(error)) < 400
        else:
            accepted.append(payload)
            cls.verify(task, cls.solve(task).answer)
    assert len(accepted) <= len(bad) // 4, f"{len(accepted)} of {len(bad)} are accepted, such as {accepted[:3]}"
