"""What the base class keeps for every environment, on the toy."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import esreason
from esreason.core.env import LegalActions, freeze
from esreason.core.errors import TaskSpaceError, UsageError
from esreason.core.text import CHARSET
from tests.core._toy import Count


class Toy(Count):
    name = "toy"


def started(**kwargs: Any) -> Toy:
    env = Toy(**kwargs)
    env.reset(options={"task": Toy.task_from_payload({"start": 3, "goal": 6})})
    return env


# Episodes


def test_an_episode_by_hand() -> None:
    env = started()
    assert env.step("+2") == (
        "5 to 6", 0.0, False, False, {"steps": 1, "illegal": 0, "limit": 6, "legal_actions": ["+1", "+2", "-1"]}
    )  # fmt: skip
    observation, reward, terminated, truncated, info = env.step(" <answer>+1</answer> ")
    assert (observation, reward, terminated, truncated) == ("6 to 6", 1.0, True, False)
    verdict = {"score": 1.0, "passed": True, "reason": "The goal is reached in 2 moves."}
    assert info == {"steps": 2, "illegal": 0, "limit": 6, "verdict": verdict}


def test_illegal_actions_by_hand() -> None:
    env = started()
    assert env.step("fly")[0] == "3 to 6\n! It is none of +1, +2, -1."
    assert env.step("-1")[0] == "2 to 6"
    assert env.step("x" * 30_000)[0] == "2 to 6\n! The text has more than 20,000 characters."
    observation, reward, terminated, truncated, info = env.step("fly")
    assert (observation, reward, terminated, truncated) == ("2 to 6\n! It is none of +1, +2, -1.", 0.0, True, False)
    assert info["verdict"]["reason"] == "Third illegal action: It is none of +1, +2, -1."
    assert env.verdict is not None and not env.verdict.passed


def test_truncation_by_hand() -> None:
    env = started()
    results = [env.step(action) for action in ("+1", "-1") * 3]
    assert [result[1:4] for result in results[:5]] == [(0.0, False, False)] * 5
    assert results[5][1:4] == (0.0, False, True)
    assert results[5][4]["verdict"]["reason"] == "The episode was cut off after 6 steps."
    with pytest.raises(UsageError):
        env.step("+1")


def test_the_last_step_may_win() -> None:
    env = started()
    for action in ("+1", "-1", "+1", "-1", "+2"):
        env.step(action)
    assert env.step("+1")[1:4] == (1.0, True, False)


def test_an_environment_must_be_reset_first() -> None:
    with pytest.raises(UsageError, match=r"call reset\(\) first"):
        Toy().step("+1")


def test_rules_by_mode() -> None:
    steps = "Reach the second number from the first. Write +1, +2 or -1."
    assert Toy.instructions("steps") == f"{steps} An illegal action changes nothing; the third ends the game."
    assert Toy.instructions("answer").endswith("first. Answer with all actions, for example +2 +1.")


# Arguments


@pytest.mark.parametrize(
    "kwargs",
    [{"level": 0}, {"level": 4}, {"level": True}, {"split": "custom"}, {"mode": "step"}, {"render_mode": "rgb"}],
)
def test_wrong_arguments_are_refused(kwargs: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]+$"):
        Toy(**kwargs)


@pytest.mark.parametrize("task", [{}, {"env": "toy"}, 7, "toy", [1]])
def test_a_task_option_that_is_none_is_refused(task: Any) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        Toy().reset(options={"task": task})


@pytest.mark.parametrize("payload", [None, [], {}, {"start": 1}, {"start": "1", "goal": 2}, {"start": 0.5, "goal": 2}])
def test_malformed_payloads_are_value_errors(payload: Any) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        Toy.task_from_payload(payload)


def test_an_empty_split_is_an_error_and_no_endless_loop() -> None:
    class Only(Toy):
        @classmethod
        def _identity(cls, payload: Any) -> Any:
            return "all the same"

    found = [split for split in ("train", "validation", "test") if Only.split_of({}) == split]
    for split in {"train", "validation", "test"} - set(found):
        with pytest.raises(TaskSpaceError, match=f"no task in the split '{split}'"):
            Only.make_task(0, 1, split)


def test_splits_have_their_shares() -> None:
    splits = [Toy.split_of({"start": start, "goal": start + 2}) for start in range(8_000)]
    for split, share in (("train", 6_000), ("validation", 1_000), ("test", 1_000)):
        assert abs(splits.count(split) - share) < 5 * math.sqrt(share), split


# State as data


@given(st.lists(st.sampled_from(["+1", "+2", "-1", "?"]), max_size=7))
def test_an_episode_goes_on_from_its_state(actions: list[str]) -> None:
    env, other = started(), Toy()
    for action in actions:
        if env._over:
            break
        env.step(action)
    other.set_state(json.loads(json.dumps(env.get_state())))
    assert other.get_state() == env.get_state()
    if not env._over:
        assert other.step("+1") == env.step("+1")


def test_a_state_of_the_other_mode_is_refused() -> None:
    with pytest.raises(UsageError, match="mode 'steps'"):
        Toy(mode="answer").set_state(started().get_state())


NESTED = st.recursive(st.integers() | st.text() | st.none() | st.booleans(), st.lists, max_leaves=10)


@given(NESTED)
def test_frozen_states_are_hashable_and_the_same_after_json(value: Any) -> None:
    frozen = freeze(value)
    hash(frozen)
    assert freeze(json.loads(json.dumps(frozen))) == frozen == freeze(frozen)


# Legal actions


def test_legal_actions_are_listed_when_looked_at() -> None:
    counted: list[int] = []

    def listing() -> list[str]:
        counted.append(1)
        return ["a", "b"]

    legal = LegalActions(listing)
    assert not counted
    assert legal == ["a", "b"] and legal != ["b", "a"] and legal != "ab" and len(legal) == 2
    assert legal[0] == "a" and legal[1:] == ["b"] and "b" in legal and list(legal) == ["a", "b"]
    assert repr(legal) == "['a', 'b']" and len(counted) == 1
    assert pickle.loads(pickle.dumps(legal)) == legal


def test_listed_actions_stay_those_of_their_step() -> None:
    env = started()
    info = env.step("+1")[4]
    env.step("+2")
    assert list(info["legal_actions"]) == ["+1", "+2", "-1"] and env.legal_actions() is None


# Plans


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("+2 +1", "The goal is reached in 2 moves."),
        ("+2,+1", "The goal is reached in 2 moves."),
        ("+2;\n+1;", "The goal is reached in 2 moves."),
        ("+1 +1 +1 +1 -1", "The goal is reached in 5 moves."),
        ("+2", "The plan does not reach the goal."),
        ("", "The plan does not reach the goal."),
        ("+2 +1 +1", "The plan does not reach the goal."),
        ("+2 fly +1", "Move 2 is illegal: It is none of +1, +2, -1."),
        ("+1 -1 " * 2_500, "The plan has more than 4000 moves."),
    ],
)
def test_plans_are_judged_by_the_dynamics(answer: str, reason: str) -> None:
    verdict = Toy.verify(Toy.task_from_payload({"start": 3, "goal": 6}), answer)
    assert verdict.reason == reason
    assert verdict.passed == reason.startswith("The goal is reached")


def test_the_spaces_hold_what_is_shown() -> None:
    env = started()
    for action in ("+2", "?", "\x00" * 9, "é"):
        assert env.observation_space.contains(env.step(action)[0]) or env._over
        if env._over:
            break
    assert env.action_space.contains("+2") and set(env.observation_space.characters) == set(CHARSET)  # type: ignore[attr-defined]


def test_the_face_is_sorted_and_complete() -> None:
    assert esreason.__all__ == sorted(esreason.__all__)
    assert all(hasattr(esreason, name) for name in esreason.__all__)
