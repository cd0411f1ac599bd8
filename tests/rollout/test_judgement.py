"""A judgement before the task: asked apart, kept in the transcript, replayed, and never heard of by the environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import esreason
from esreason.engines.base import Completion, Message, Request
from esreason.es.noise import CENTRE, Member
from esreason.rollout.driver import Driver
from esreason.rollout.judgement import question
from esreason.rollout.prompts import Prompts
from esreason.rollout.transcript import first_difference, line_of
from esreason.rollout.unit import Unit

TASKS = tuple(esreason.make_task(env, 3) for env in ("sorting", "hanoi"))


class Oracle:
    """Says yes to the first request of an episode, then plays the solver's actions."""

    capacity, chat, context = 64, True, 4096

    def __init__(self) -> None:
        self._plans = [["Yes, I do", *esreason.solve(task).actions] for task in TASKS]
        self.requests: list[Request] = []

    def load(self, members: Sequence[Member], episodes: int) -> None:
        self._at = [0] * episodes

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        self.requests += requests
        replies = []
        for request in requests:
            replies.append(Completion(self._plans[request.episode][self._at[request.episode]], 3, 2))
            self._at[request.episode] += 1
        return replies


@pytest.mark.parametrize("style", ["plain", "few-shot", "chat"])
@pytest.mark.parametrize("kind", ["yes-no", "graded"])
def test_it_is_asked_apart_and_the_task_is_played_as_ever(style: Any, kind: str) -> None:
    asked, plain = Oracle(), Oracle()
    [episodes] = Driver(Prompts("steps", style, 2, judgement=kind)).play(asked, Unit((CENTRE,), TASKS))
    for plan in plain._plans:
        plan.pop(0)
    [bare] = Driver(Prompts("steps", style, 2)).play(plain, Unit((CENTRE,), TASKS))
    for episode, other in zip(episodes, bare, strict=True):
        assert episode.score == 1.0
        assert (episode.actions[1:], episode.observations[1:]) == (other.actions, other.observations)
        assert episode.actions[0] == "Yes, I do" and episode.rewards[0] == 0.0
        assert episode.observations[0] == question(kind, other.observations[0])
        assert episode.tokens_out == other.tokens_out + 2
    assert [r.prompt for r in asked.requests[2:]] == [r.prompt for r in plain.requests]
    meta = asked.requests[0].prompt
    assert ("reply" in meta[0].content.lower()) if isinstance(meta[0], Message) else ("Reply" in meta)


def test_members_draw_it_with_the_same_number_and_the_centre_does_not_draw() -> None:
    def asked(sampling: int, *members: Member) -> list[Request]:
        oracle = Oracle()
        prompts = Prompts("steps", "plain", judgement="graded", judgement_temperature=0.5)
        driver = Driver(prompts)
        for m, member in enumerate(members):  # the oracle tells its episodes apart by task alone
            driver.play(oracle, Unit((member,), TASKS, m, 0, sampling))
        return oracle.requests

    first, second = Member(1, 0.1), Member(-1, 0.1)
    requests = asked(0, CENTRE, first, second)
    meta = [request.sampling for request in requests if "sure" in str(request.prompt)]
    assert [sampling.temperature for sampling in meta] == [0.0, 0.0, 0.5, 0.5, 0.5, 0.5]
    assert meta[2:4] == meta[4:] and meta[2].seed != meta[3].seed  # by task, not by member
    assert meta[2].seed != asked(1, first)[0].sampling.seed
    plays = [request.sampling.temperature for request in requests if "sure" not in str(request.prompt)]
    assert plays and not any(plays)


def test_its_transcript_is_replayed_with_its_question() -> None:
    [episodes] = Driver(Prompts("steps", "plain", judgement="graded")).play(Oracle(), Unit((CENTRE,), TASKS))

    def chain(change: Any = None) -> list[dict[str, Any]]:
        lines, previous = [], ""
        for index, episode in enumerate(episodes):
            line = line_of(episode, "base", index, previous)
            if change is not None and index == 1:
                change(line)
                bare = {name: value for name, value in line.items() if name != "hash"}
                from esreason.rollout.transcript import chained

                line["hash"] = chained(previous, bare)
            previous = line["hash"]
            lines.append(line)
        return lines

    assert first_difference(chain(), "", "steps", "graded") == (2, None)
    changes = [
        lambda line: line["observations"].pop(0), lambda line: line["actions"].pop(0),
        lambda line: line["rewards"].__setitem__(0, 1.0), lambda line: line["actions"].__setitem__(0, 7),
        lambda line: line["observations"].__setitem__(0, "Are you sure?"), lambda line: line.update(actions=[]),
        lambda line: line["actions"].__setitem__(1, "A->A"),
    ]  # fmt: skip
    for change in changes:
        number, difference = first_difference(chain(change), "", "steps", "graded")
        assert number == 2 and difference is not None
    assert first_difference(chain(), "", "steps", "yes-no")[1] is not None
    assert first_difference(chain(), "", "steps")[1] is not None
