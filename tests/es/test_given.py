"""Tasks that were given to a run: their splits, their turns, and transcripts of other ones."""

from __future__ import annotations

import json

import pytest

import esreason
from esreason.core.errors import UsageError
from esreason.core.task import Task
from esreason.es.config import RunConfig, make_config, read_toml
from esreason.es.given import first_other, given_text
from esreason.es.syllabus import Syllabus


def own(count: int) -> list[Task]:
    return [esreason.task_from_payload("sorting", {"items": [3, 1, 2, number]}) for number in range(4, 4 + count)]


def config(given: list[Task], **more: object) -> RunConfig:
    return make_config({"env": "sorting", "model": "sprout", "given": given_text(given), **more})


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16, 40])
def test_up_to_two_are_in_every_split_and_more_are_kept_apart(count: int) -> None:
    tasks = own(count)
    given = config(tasks).own_tasks
    assert given is not None and given.count == count
    splits = [{str(task) for task in part} for part in (given.train, given.validation, given.test)]
    assert set.union(*splits) == {str(task) for task in tasks}
    if count < 3:
        assert splits[0] == splits[1] == splits[2] and not given.apart
        assert "say nothing about other tasks" in given.sentence
    else:
        assert sum(map(len, splits)) == count and given.apart
        assert len(splits[1]) == len(splits[2]) == max(1, count // 8)
    assert config(tasks[::-1]).own_tasks == given  # the order of the files says nothing


def test_greedy_replies_play_none_twice_and_drawn_ones_take_turns() -> None:
    greedy = Syllabus(config(own(5), tasks=8))
    assert len(greedy.test()) == len(greedy.validation(1)) == 1 and len(greedy.probe(32, 1)) == 3
    training = greedy.training(4, 1)
    assert len({str(task) for task in training}) == len(training) == 3 and greedy.columns(4) == [[0, 1, 2]]
    drawn = Syllabus(config(own(5), tasks=2, temperature=1.0, test_episodes=6, validation_episodes=4))
    assert len(drawn.test()) == 6 and len(drawn.validation(1)) == 4
    played = [str(task) for iteration in range(3) for task in drawn.training(iteration, 1)]
    assert sorted(played) == sorted([*set(played)] * 2) and len(set(played)) == 3
    assert drawn.columns(2) == [[0, 1]]


def test_the_settings_survive_the_config_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    settings = config(own(3))
    path.write_text(settings.to_toml(), encoding="utf-8")
    assert make_config(read_toml(path)) == settings
    assert "given" not in make_config({"env": "sorting", "model": "sprout"}).to_toml()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "a list of 1 to 1,000"), ("[]", "a list of 1"), ("{}", "a list of 1"), ("[" * 100_000, "a list of 1"),
        ("[1]", "given task 1 is none of sorting"), ('[{"items": "x"}]', "given task 1 is none of sorting"),
        ('[{"items": [2, 1]}, {"items": [2, 1]}]', "given task 2 is there already"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_tasks_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told.replace("1,000", "1000")):
        make_config({"env": "sorting", "model": "sprout", "given": text})


def test_one_environment_and_no_curriculum() -> None:
    with pytest.raises(UsageError, match="for one environment"):
        config(own(3), curriculum="1-2")
    with pytest.raises(UsageError, match="for one environment"):
        make_config({"env": "sorting,hanoi", "model": "sprout", "given": given_text(own(1))})


def test_transcripts_of_other_tasks_are_found() -> None:
    tasks = own(3)
    lines = [{"phase": phase, "task": json.loads(json.dumps(task.to_dict()))}
             for phase in ("base", "tuned") for task in tasks]  # fmt: skip
    assert first_other(lines, tasks) is None
    assert first_other([*lines[:4], lines[3], lines[5]], tasks) == 4
    assert first_other([*lines, lines[5]], tasks) == 6
    assert first_other(lines[:4], tasks) is None  # a run that was interrupted
