"""`check_env` refuses environments that break one clause each, and says which."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

import esreason
from esreason import Solution, Verdict
from esreason.core.errors import ContractError, IllegalAction
from esreason.core.registry import add_env, env_class, env_info
from tests.core._toy import Count, registered

Instance = tuple[int, int]
calls = itertools.count()


class GlobalRandomness(Count):
    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        return super()._generate(random.Random(random.random()), level)


class PayloadIsNoJson(Count):
    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        return super()._generate(rng, level) | {"tags": {1, 2}}


class PayloadChangesInJson(Count):
    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        return super()._generate(rng, level) | {"pair": (1, 2)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Instance:
        return payload["start"], payload["goal"]


class RefusesItsOwnPayload(Count):
    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Instance:
        raise ValueError("it is too warm today")


class IgnoresTheSplit(Count):
    @classmethod
    def make_task(cls, seed: int, level: int = 1, split: str = "train") -> esreason.Task:
        task = super().make_task(seed, level)
        return esreason.Task(task.env, task.version, level, split, seed, task.payload)


class WanderingSolver(Count):
    @classmethod
    def _solve(cls, instance: Instance) -> Solution:
        return Solution("+1", [f"+{next(calls)}"])


class WrongAnswer(Count):
    @classmethod
    def _solve(cls, instance: Instance) -> Solution:
        return Solution("+1 -1", super()._solve(instance).actions)


class LosingActions(Count):
    @classmethod
    def _solve(cls, instance: Instance) -> Solution:
        return Solution(super()._solve(instance).answer, ["+1", "-1"])


class NoActions(Count):
    @classmethod
    def _solve(cls, instance: Instance) -> Solution:
        return Solution(super()._solve(instance).answer, [])


class ActionsAfterTheEnd(Count):
    @classmethod
    def _solve(cls, instance: Instance) -> Solution:
        best = super()._solve(instance)
        return Solution(best.answer, [*best.actions, "+1"])


class IllegalSolver(Count):
    @classmethod
    def _legal(cls, instance: Instance, state: int) -> list[str]:
        return ["-1"]


class LongAnswer(Count):
    answer_chars = 1


class LongAction(Count):
    action_chars = 1


class SeveralLines(Count):
    @classmethod
    def _solve(cls, instance: Instance) -> Solution:
        best = super()._solve(instance)
        return Solution("\n".join(["+1", "-1", *best.actions]), best.actions)


class AcceptsNothing(Count):
    @classmethod
    def _verify(cls, instance: Instance, answer: str) -> Verdict:
        return super()._verify(instance, answer or cls._solve(instance).answer)


class AcceptsAnything(Count):
    @classmethod
    def _verify(cls, instance: Instance, answer: str) -> Verdict:
        return Verdict(1.0, True, "Fine.", answer)


class DoesNotSayHowItRead(Count):
    @classmethod
    def _verify(cls, instance: Instance, answer: str) -> Verdict:
        verdict = super()._verify(instance, answer)
        return Verdict(verdict.score, verdict.passed, verdict.reason, None)


class ReturnsABool(Count):
    @classmethod
    def _verify(cls, instance: Instance, answer: str) -> Verdict:
        verdict = super()._verify(instance, answer)
        return verdict if "+" in answer or answer in ("", "?") else False  # type: ignore[return-value]


class VerifyRaises(Count):
    @classmethod
    def _verify(cls, instance: Instance, answer: str) -> Verdict:
        if answer.isdigit():
            int(answer)  # limited to 4,300 digits since Python 3.11
        return super()._verify(instance, answer)


class VerifyIsSlow(Count):
    @classmethod
    def _verify(cls, instance: Instance, answer: str) -> Verdict:
        begun = time.process_time()
        while "9999" in answer and time.process_time() - begun < 1.05:
            pass
        return super()._verify(instance, answer)


class ApplyRaises(Count):
    @classmethod
    def _apply(cls, instance: Instance, state: int, action: str) -> int:
        return super()._apply(instance, state, action) if action in cls.STEPS else state + int(action)


class OnlyStepRaises(Count):
    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        action.encode("ascii")
        return super().step(action)


class ApplyTakesEverything(Count):
    @classmethod
    def _apply(cls, instance: Instance, state: int, action: str) -> int:
        return state + cls.STEPS.get(action, 0)


class RemembersBetweenCalls(Count):
    @classmethod
    def _observe(cls, instance: Instance, state: int) -> str:
        return f"{super()._observe(instance, state)} {next(calls)}"


class StateIsNoJson(Count):
    @classmethod
    def _apply(cls, instance: Instance, state: int, action: str) -> int:
        return Number(super()._apply(instance, state, action))

    @classmethod
    def _goal(cls, instance: Instance, state: int) -> bool:
        return int(state) == instance[1]


class Number(int):
    """An int in name only once it has been through JSON."""

    def __eq__(self, other: object) -> bool:
        return type(other) is Number and int(self) == int(other)

    __hash__ = int.__hash__


class StateIsMutable(Count):
    @classmethod
    def _start(cls, instance: Instance) -> Any:
        return [instance[0]]

    @classmethod
    def _observe(cls, instance: Instance, state: Any) -> str:
        return f"{state[0]} to {instance[1]}"

    @classmethod
    def _apply(cls, instance: Instance, state: Any, action: str) -> Any:
        if action not in cls.STEPS:
            raise IllegalAction("It is none of +1, +2, -1.")
        return [state[0] + cls.STEPS[action]]

    @classmethod
    def _goal(cls, instance: Instance, state: Any) -> bool:
        return bool(state[0] == instance[1])


class ObservationIsNotAscii(Count):
    @classmethod
    def _observe(cls, instance: Instance, state: int) -> str:
        return f"{state} → {instance[1]}"


class ObservationIsEndless(Count):
    @classmethod
    def _observe(cls, instance: Instance, state: int) -> str:
        return "x" * 20_000


class IllegalSentenceIsNotAscii(Count):
    @classmethod
    def _apply(cls, instance: Instance, state: int, action: str) -> int:
        if action not in cls.STEPS:
            raise IllegalAction(f"{action} is no step.")
        return state + cls.STEPS[action]


class RewardsOnTheWay(Count):
    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward if terminated else 0.1, terminated, truncated, info


class RewardIsAnInt(Count):
    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        observation, reward, *rest = super().step(action)
        return observation, int(reward), *rest  # type: ignore[return-value]


class ResetPlaysAnotherTask(Count):
    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        return super().reset(seed=None if seed is None else seed + 1, options=options)


class TooShort(Count):
    @classmethod
    def _limit(cls, instance: Instance) -> int:
        return 1


class RulesAreNotAscii(Count):
    rules = "Reach the second number — from the first."


class JudgesGamesOtherwise(Count):
    @classmethod
    def _answer(cls, instance: Instance, state: int, actions: Sequence[str]) -> str:
        return "-1"


BROKEN: dict[type[Count], str] = {
    GlobalRandomness: "the same seed gave two tasks",
    PayloadIsNoJson: "TypeError",
    PayloadChangesInJson: "the task does not survive JSON",
    RefusesItsOwnPayload: "too warm today",
    IgnoresTheSplit: "belongs to another split",
    WanderingSolver: "the solver is not deterministic",
    WrongAnswer: "the solver's answer fails",
    LosingActions: "the solver's actions do not win",
    NoActions: "the solver's actions do not win",
    ActionsAfterTheEnd: "the episode ended before the solver's action",
    IllegalSolver: "is not listed as legal",
    LongAnswer: "answer_chars is below",
    LongAction: "action_chars is below",
    SeveralLines: "several lines",
    AcceptsNothing: "the answer '' passes",
    AcceptsAnything: "the answer '' passes",
    DoesNotSayHowItRead: "does not say how it was read",
    ReturnsABool: "verify returned no Verdict",
    VerifyRaises: "verify raised ValueError",
    VerifyIsSlow: "verify took over a second",
    ApplyRaises: "raised ValueError",
    OnlyStepRaises: "step raised UnicodeEncodeError",
    ApplyTakesEverything: "a zero byte is a legal action",
    RemembersBetweenCalls: "two environments differ",
    StateIsNoJson: "the state does not survive JSON",
    StateIsMutable: "the state does not survive JSON",
    ObservationIsNotAscii: "outside printable ASCII",
    ObservationIsEndless: "too long",
    IllegalSentenceIsNotAscii: "outside printable ASCII",
    RewardsOnTheWay: "a step before the end is rewarded",
    RewardIsAnInt: "not a float",
    ResetPlaysAnotherTask: "plays another task",
    TooShort: "the episode ended before the solver's action",
    RulesAreNotAscii: "its rules hold characters outside ASCII",
    JudgesGamesOtherwise: "the solver's actions do not win",
}


def test_the_toy_itself_is_right() -> None:
    with registered(Count):
        esreason.check_env("toy")


@pytest.mark.parametrize("broken", BROKEN, ids=lambda cls: cls.__name__)
def test_a_broken_environment_is_refused(broken: type[Count]) -> None:
    with registered(broken), pytest.raises(ContractError) as caught:
        esreason.check_env("toy", range(1, 2))
    assert BROKEN[broken] in str(caught.value)
    assert str(caught.value).startswith("toy") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda cls: setattr(cls, "name", "other"), "the class calls itself 'other'"),
        (lambda cls: setattr(cls, "levels", 4), "the catalogue says version and levels"),
        (lambda cls: setattr(cls, "version", 1), "the catalogue says version and levels"),
    ],
)
def test_the_catalogue_and_the_class_must_agree(change: Callable[[type[Count]], None], sentence: str) -> None:
    cls = type("Toy", (Count,), {})
    with registered(cls):
        change(cls)
        with pytest.raises(ContractError, match=sentence):
            esreason.check_env("toy")


def test_a_summary_is_demanded() -> None:
    with registered(Count):
        info = env_info("toy")
        bare = type(info)(info.name, info.id, info.family, info.levels, "", info.version, info.origin)
        cls = env_class("toy")
        add_env(bare, lambda: cls)
        with pytest.raises(ContractError, match="no summary"):
            esreason.check_env("toy")
