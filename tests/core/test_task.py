"""Tasks survive JSON, and nothing else passes for one."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import esreason
from esreason.core.task import CUSTOM, SPLITS, Task, canonical_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
TASKS = st.builds(
    Task,
    env=st.text(max_size=12),
    version=st.integers(0, 9),
    level=st.integers(0, 10),
    split=st.sampled_from([*SPLITS, CUSTOM]),
    seed=st.integers(0),
    payload=st.dictionaries(st.text(max_size=6), JSON, max_size=4),
)
GOOD: dict[str, Any] = {
    "env": "sudoku", "version": 0, "level": 1, "split": "train", "seed": 3, "payload": {"size": 4},
}  # fmt: skip


@given(TASKS)
def test_a_task_survives_json(task: Task) -> None:
    data = json.loads(json.dumps(task.to_dict()))
    assert Task.from_dict(data) == task
    assert canonical_json(Task.from_dict(data).to_dict()) == canonical_json(task.to_dict())


def test_the_fields_are_those_of_the_contract() -> None:
    assert list(esreason.make_task("sudoku", seed=7).to_dict()) == list(GOOD)


@given(st.sampled_from(sorted(GOOD)), JSON)
def test_wrong_fields_are_refused_or_kept(name: str, value: Any) -> None:
    data = {**GOOD, name: value}
    try:
        task = Task.from_dict(data)
    except ValueError as error:
        assert str(error) and "\n" not in str(error)
    else:
        assert type(getattr(task, name)) is type(value)
        assert task.to_dict() == data


@pytest.mark.parametrize(
    "data",
    [None, [], "task", 7, {}, {**GOOD, "extra": 1}, {k: GOOD[k] for k in list(GOOD)[1:]}, {**GOOD, "split": "dev"},
     {**GOOD, "level": True}, {**GOOD, "seed": 1.0}, {**GOOD, "payload": []}, {**GOOD, "env": None}],
)  # fmt: skip
def test_what_is_no_task_is_refused_in_one_sentence(data: Any) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        Task.from_dict(data)


@given(JSON)
def test_any_json_is_refused_or_a_task(data: Any) -> None:
    with pytest.raises(ValueError):
        Task.from_dict(data)


def test_the_parsed_payload_is_no_part_of_a_task() -> None:
    task = esreason.make_task("sudoku", seed=1)
    before = task.to_dict()
    esreason.solve(task)
    assert task.instance and task.to_dict() == before and task == Task.from_dict(before)
    assert pickle.loads(pickle.dumps(task)) == task


def test_canonical_json_is_one_text_for_one_value() -> None:
    assert canonical_json({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"\\u00e9"]}'
    with pytest.raises(ValueError):
        canonical_json(math.nan)


def test_a_task_of_another_environment_or_version_is_not_judged() -> None:
    task = esreason.make_task("sudoku", seed=1)
    other = Task("hanoi", 0, 1, "train", 0, task.payload)
    newer = Task("sudoku", 1, 1, "train", 0, task.payload)
    for wrong in (other, newer):
        with pytest.raises(ValueError):
            esreason.core.registry.env_class("sudoku").verify(wrong, "1")
        verdict = esreason.verify("sudoku", wrong, "1")
        assert (verdict.score, verdict.passed) == (0.0, False)
