"""Several members as one player, by majority."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import esreason
from esreason.engines.base import Completion, Request, Sampling
from esreason.es.config import make_config
from esreason.es.noise import Member
from esreason.executors.worker import Worker
from esreason.rollout.unit import split
from esreason.rollout.vote import Vote, majority


class Parrots:
    """Member k says the k-th word."""

    chat, context = False, 100

    def __init__(self, words: dict[int, str], capacity: int) -> None:
        self._words, self.capacity = words, capacity
        self.seeds: list[int] = []

    def load(self, members: Sequence[Member], episodes: int) -> None:
        assert len(members) <= self.capacity
        self._members = members

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        self.seeds += [request.sampling.seed for request in requests]
        return [Completion(self._words[self._members[r.member].seed], 3, 2) for r in requests]


@pytest.mark.parametrize("capacity", [2, 3, 16])
def test_what_most_say_is_said_whatever_fits_into_the_engine(capacity: int) -> None:
    engine = Parrots({1: "a", 2: "b ", 3: " c", 4: "c", 5: "b"}, capacity)
    vote = Vote(engine, [Member(seed, 0.1) for seed in range(1, 6)])
    vote.load([Member(0, 0.0)], 2)
    replies = vote.generate([Request(0, episode, "p", Sampling(temperature=1.0, seed=7)) for episode in range(2)])
    assert [reply.text.strip() for reply in replies] == ["b", "b"]  # two each for b and c: the earlier voter wins
    assert {(reply.tokens_in, reply.tokens_out) for reply in replies} == {(15, 10)}
    assert len(set(engine.seeds)) == 5


@pytest.mark.parametrize(
    ("words", "winner"), [("aab", "a"), ("bac", "b"), ("cbbaa", "b"), ("abcc", "c"), ("a", "a")]
)
def test_the_majority_is_the_most_frequent_text_and_of_equals_the_first(words: str, winner: str) -> None:
    assert majority([Completion(text, 1, 1) for text in words]).text == winner


@pytest.mark.slow
@pytest.mark.parametrize("prompt", ["plain", "few-shot"])
def test_two_of_three_equal_members_play_as_they_would_alone(prompt: str) -> None:
    worker = Worker.build(make_config({"env": "sorting", "model": "sprout", "prompt": prompt, "shots": 1}))
    tasks = [esreason.make_task("sorting", seed) for seed in range(6)]
    one, other = Member(11, 0.03), Member(12, 0.03)
    [unit] = split([other, one, one], tasks, vote=True)
    [[alone]] = [worker.play(unit) for unit in split([one], tasks)]
    [together] = worker.play(unit)
    assert [episode.actions for episode in together] == [episode.actions for episode in alone]
    assert [episode.score for episode in together] == [episode.score for episode in alone]
