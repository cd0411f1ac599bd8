"""Names to environments and verifiers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import gymnasium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import esreason
from esreason.core import registry
from esreason.core.errors import UnknownNameError
from tests.core._toy import Count, registered

TASK = esreason.make_task("sudoku", seed=1)


@pytest.fixture(autouse=True)
def _registry_put_back() -> Iterator[None]:
    with registered():
        yield


def fresh_toy() -> type[Count]:
    """A class of its own: registering names the class."""
    return type("Toy", (Count,), {"__doc__": Count.__doc__, "__module__": __name__})


# Environments


def test_a_registered_environment_works_by_name_and_id() -> None:
    cls = esreason.register_env("my-env", family="mine", summary="my own")(fresh_toy())
    info = next(info for info in esreason.list_envs("mine"))
    assert (info.name, info.id, info.levels, info.summary) == ("my-env", "esreason/MyEnv-v0", (1, 2, 3), "my own")
    esreason.check_env("my-env")
    env = gymnasium.make("esreason/MyEnv-v0", level=2)
    assert isinstance(env.unwrapped, cls)
    _, info_now = env.reset(seed=3)
    assert info_now["task"] == esreason.make_task("my-env", seed=3, level=2).to_dict()
    task = esreason.make_task("my-env", seed=3)
    assert esreason.verify("my-env", task, esreason.solve(task).answer).passed


def test_the_docstring_is_the_summary_by_default() -> None:
    esreason.register_env("my_env2")(fresh_toy())
    info = registry.env_info("my_env2")
    assert (info.id, info.family, info.summary) == ("esreason/MyEnv2-v0", "custom", (Count.__doc__ or "").strip())


@pytest.mark.parametrize("name", ["sudoku", "hanoi"])
def test_a_taken_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"the name '{name}' is taken"):
        esreason.register_env(name)
    with pytest.raises(ValueError, match="is taken"):
        esreason.register_verifier(name)


def test_environments_and_verifiers_share_their_names() -> None:
    esreason.register_verifier("mine")(lambda task, answer: True)
    esreason.register_env("toy-env")(fresh_toy())
    for register, name in ((esreason.register_env, "mine"), (esreason.register_verifier, "toy-env")):
        with pytest.raises(ValueError, match="is taken"):
            register(name)


@pytest.mark.parametrize("name", ["", "My-Env", "my env", "1st", "a--b", "-a", "a-", "a/b", "ä", "a\n", None, 3])
def test_a_name_is_lower_case_words(name: Any) -> None:
    for register in (esreason.register_env, esreason.register_verifier):
        with pytest.raises(ValueError, match="lower-case words"):
            register(name)


@pytest.mark.parametrize("thing", [int, Count, fresh_toy, "Count"])
def test_only_environments_are_registered(thing: Any) -> None:
    if isinstance(thing, type) and issubclass(thing, esreason.ReasoningEnv):
        return
    with pytest.raises(ValueError, match="decorates a subclass of ReasoningEnv"):
        esreason.register_env("no-env")(thing)
    assert "no-env" not in {info.name for info in esreason.list_envs()}


def test_an_unknown_name_suggests_the_nearest() -> None:
    for call in (registry.env_class, registry.env_info, esreason.check_env, lambda n: esreason.make_task(n, 1)):
        with pytest.raises(UnknownNameError, match="named 'sudokuu'; did you mean 'sudoku'"):
            call("sudokuu")
    with pytest.raises(UnknownNameError, match="verifier named 'hanoy'; did you mean 'hanoi'"):
        esreason.verify("hanoy", TASK, "A->B")
    with pytest.raises(UnknownNameError, match="family named 'puzzle'; did you mean 'puzzles'"):
        esreason.list_envs("puzzle")


def test_the_list_has_every_family_and_no_doubles() -> None:
    infos = esreason.list_envs()
    assert len({info.name for info in infos}) == len({info.id for info in infos}) == len(infos)
    assert infos == [info for family in dict.fromkeys(i.family for i in infos) for info in esreason.list_envs(family)]
    assert all(gymnasium.spec(info.id).kwargs == {"name": info.name} for info in infos)


@pytest.mark.parametrize(("name", "camel"), [("a", "A"), ("my-env", "MyEnv"), ("two_words-3d", "TwoWords3d")])
def test_gymnasium_ids(name: str, camel: str) -> None:
    assert registry.env_id(name, 2) == f"esreason/{camel}-v2"


@pytest.mark.parametrize(
    ("kwargs", "sentence"),
    [
        ({"level": 0}, "levels 1 to 10, not 0"),
        ({"level": 11}, "levels 1 to 10, not 11"),
        ({"level": True}, "levels 1 to 10, not True"),
        ({"level": "1"}, "levels 1 to 10, not '1'"),
        ({"level": math.nan}, "levels 1 to 10, not nan"),
        ({"split": "dev"}, "a split is one of train, validation, test, not 'dev'"),
        ({"split": None}, "a split is one of"),
        ({"seed": -1}, "a seed is a whole number from 0 on, not -1"),
        ({"seed": 1.5}, "a seed is a whole number"),
        ({"seed": True}, "a seed is a whole number"),
    ],
)
def test_wrong_arguments_are_one_sentence(kwargs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(esreason.EsreasonError, match=sentence) as caught:
        esreason.make_task("sudoku", **{"seed": 0, **kwargs})
    assert isinstance(caught.value, ValueError)


# Verifiers


@pytest.mark.parametrize(
    ("returned", "score"),
    [(True, 1.0), (False, 0.0), (1.0, 1.0), (0.5, 0.5), (math.nan, 0.0), (math.inf, 0.0), (-0.5, 0.0), (1.5, 0.0)]
    + [(None, 0.0), ("1.0", 0.0), (1, 0.0), ([], 0.0), (esreason.Verdict(0.5, False, "half"), 0.5)],
)
def test_what_a_verifier_returns_becomes_a_verdict(returned: Any, score: float) -> None:
    esreason.register_verifier("given")(lambda task, answer: returned)
    verdict = esreason.verify("given", TASK, "x")
    assert (verdict.score, verdict.passed) == (score, score == 1.0) and verdict.reason


@pytest.mark.parametrize("error", [ValueError("no"), KeyError("k"), RecursionError(), MemoryError(), OSError(2, "x")])
def test_what_a_verifier_raises_becomes_a_verdict(error: Exception) -> None:
    @esreason.register_verifier("raising")
    def raising(task: esreason.Task, answer: str) -> bool:
        raise error

    verdict = esreason.verify("raising", TASK, "x")
    assert (verdict.score, verdict.passed) == (0.0, False)
    assert type(error).__name__ in verdict.reason and "raising" in verdict.reason


def test_an_interrupt_is_no_verdict() -> None:
    @esreason.register_verifier("stopped")
    def stopped(task: esreason.Task, answer: str) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        esreason.verify("stopped", TASK, "x")


def test_a_verifier_sees_task_and_answer() -> None:
    seen: list[Any] = []

    @esreason.register_verifier("seeing")
    def seeing(task: esreason.Task, answer: str) -> bool:
        seen.append((task, answer))
        return False

    esreason.verify("seeing", TASK.to_dict(), "<answer>1</answer>")
    assert seen == [(TASK, "<answer>1</answer>")]
    assert "seeing" in esreason.list_verifiers()


@pytest.mark.parametrize("answer", [None, 1, b"1", ["1"], 1.0])
def test_an_answer_that_is_no_text_fails(answer: Any) -> None:
    verdict = esreason.verify("sudoku", TASK, answer)
    assert not verdict.passed and verdict.reason == f"An answer is a text, not a {type(answer).__name__}."


@pytest.mark.parametrize("task", [{}, {"env": "x"}, TASK.to_dict() | {"payload": {}}, TASK.to_dict() | {"env": "x"}])
def test_a_damaged_task_fails_every_answer(task: dict[str, Any]) -> None:
    assert not esreason.verify("sudoku", task, esreason.solve(TASK).answer).passed


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text() | st.text(alphabet="1234.|-+ \n<>answer/`", max_size=40))
def test_verify_is_total(answer: str) -> None:
    verdict = esreason.verify("sudoku", TASK, answer)
    assert 0.0 <= verdict.score <= 1.0 and verdict.passed == (verdict.score == 1.0)


def test_check_verifier_takes_what_is_right_and_names_what_is_not() -> None:
    esreason.register_verifier("length")(lambda task, answer: min(len(answer) / 1e6, 1.0))
    esreason.check_verifier("length")
    calls = iter(range(10**6))
    wrong: dict[str, Any] = {
        "raises": lambda task, answer: 1 / len(answer) < 2,
        "returns": lambda task, answer: len(answer),
        "wanders": lambda task, answer: next(calls) % 2 == 0,
        "leaves": lambda task, answer: math.nan,
    }
    for name, function in wrong.items():
        esreason.register_verifier(name)(function)
        with pytest.raises(esreason.core.errors.ContractError, match=name):
            esreason.check_verifier(name)
