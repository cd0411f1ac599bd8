"""Transcripts: chain, replay, and what a replay finds."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import esreason
from esreason.core.errors import RunError
from esreason.rollout.scripted import PLAYERS, play
from esreason.rollout.transcript import chained, config_digest, first_difference, line_of, read

START = config_digest("x = 1\n")


def chain(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines hashed anew."""
    previous, new = START, []
    for line in lines:
        bare = {key: value for key, value in line.items() if key != "hash"}
        previous = chained(previous, bare)
        new.append({**bare, "hash": previous})
    return new


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    tasks = [esreason.make_task("hanoi", seed, 1, "test") for seed in range(6)]
    previous, made = START, []
    for policy in PLAYERS:
        for index, episode in enumerate(play(policy, tasks, 1, "steps")):
            made.append(line_of(episode, policy, index, previous))
            previous = made[-1]["hash"]
    return made


def test_what_was_played_replays(lines: list[dict[str, Any]]) -> None:
    assert first_difference(lines, START, "steps") == (18, None)


def test_answers_replay_too() -> None:
    tasks = [esreason.make_task("countdown", seed, 1, "test") for seed in range(4)]
    previous, made = START, []
    for index, episode in enumerate(play("solver", tasks, 1, "answer")):
        made.append(line_of(episode, "solver", index, previous))
        previous = made[-1]["hash"]
    assert first_difference(made, START, "answer") == (4, None)
    assert first_difference(made, START, "steps")[1] is not None


FORGERIES = {
    "a reward": lambda line: line["rewards"].__setitem__(0, 1.0),
    "an integer reward": lambda line: line["rewards"].__setitem__(-1, int(line["rewards"][-1])),
    "an action": lambda line: line["actions"].__setitem__(0, "A->A"),
    "an observation": lambda line: line["observations"].__setitem__(0, line["observations"][0] + " "),
    "the score": lambda line: line["verdict"].__setitem__("score", 0.5),
    "the verdict's reason": lambda line: line["verdict"].__setitem__("reason", "Because."),
    "the task's seed": lambda line: line["task"].__setitem__("seed", line["task"]["seed"] + 1000),
    "the task's payload": lambda line: line["task"]["payload"].__setitem__("disks", 9),
    "a shortened episode": lambda line: (line["actions"].pop(), line["rewards"].pop(), line["observations"].pop()),
    "a prolonged episode": lambda line: (
        line["actions"].append("A->B"), line["rewards"].append(0.0), line["observations"].append("x")
    ),
    "a missing list": lambda line: line.__setitem__("actions", None),
    "a number for a text": lambda line: line["actions"].__setitem__(0, 7),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_line_is_found_even_in_a_chain_hashed_anew(lines: list[dict[str, Any]], what: str) -> None:
    forged = copy.deepcopy(lines)
    FORGERIES[what](forged[2])
    for changed in (forged, chain(forged)):
        difference = first_difference(changed, START, "steps")[1]
        assert difference is not None
        assert difference["line"] == 3


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ("a reward", "reward"), ("an observation", "observation"), ("the score", "verdict"),
        ("the task's payload", "task"), ("a shortened episode", "line"), ("a missing list", "line"),
    ],
)  # fmt: skip
def test_a_difference_names_its_field(lines: list[dict[str, Any]], what: str, field: str) -> None:
    forged = copy.deepcopy(lines)
    FORGERIES[what](forged[2])
    difference = first_difference(chain(forged), START, "steps")[1]
    assert difference is not None
    assert difference["field"] == field


def test_an_environment_that_raises_is_a_difference_and_no_traceback(
    lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a plug-in's fault")

    monkeypatch.setattr(esreason.core.registry.env_class("hanoi"), "_apply", broken)
    difference = first_difference(lines, START, "steps")[1]
    assert difference is not None
    assert "ZeroDivisionError" in difference["problem"]


def test_swapped_missing_and_doubled_lines_break_the_chain(lines: list[dict[str, Any]]) -> None:
    swapped = [lines[1], lines[0], *lines[2:]]
    for changed in (swapped, lines[1:], [lines[0], *lines]):
        difference = first_difference(changed, START, "steps")[1]
        assert difference is not None
        assert difference["field"] == "hash"


@pytest.mark.parametrize("text", ["{", "[]", "nul", '{"a": ' + "[" * 100_000])
def test_files_that_hold_no_objects_are_run_errors(tmp_path: Path, text: str) -> None:
    path = tmp_path / "transcripts.jsonl"
    path.write_text(text + "\n")
    with pytest.raises(RunError, match="line 1"):
        list(read(path))


def test_lone_surrogates_are_stored(lines: list[dict[str, Any]]) -> None:
    [episode] = play("empty", [esreason.make_task("sorting", 1)], 1, "answer")
    line = line_of(episode, "x", 0, START)
    assert json.loads(json.dumps(line)) == line
