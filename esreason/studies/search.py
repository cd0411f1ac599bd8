"""Null methods of equal budget: the best of many random perturbations, and the vote of the best few (RandOpt)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from esreason.core.registry import env_class
from esreason.core.seeding import digest
from esreason.engines.base import Completion, Engine, Policy, Request
from esreason.es.noise import Member, Noise
from esreason.es.strategy import member_seed
from esreason.es.update import StepRule, Update
from esreason.rollout.unit import split
from esreason.studies.played import Memoryless, driver


@dataclass(frozen=True, slots=True)
class Found:
    """The members from the best to the worst on the training tasks, their scores, and what it cost."""

    members: tuple[Member, ...]
    scores: tuple[float, ...]
    sequences: int
    tokens: int


def search(
    engine: Policy, env: str, level: int, sigmas: Sequence[float], shape: tuple[int, int], seed: int,
    style: Memoryless = "plain",
) -> Found:  # fmt: skip
    """Play `shape` = (members, tasks): common training tasks, members spread evenly over the sigmas."""
    count, width = shape
    members = [Member(member_seed(seed, -2, k), sigmas[k % len(sigmas)]) for k in range(count)]
    drawn = [int.from_bytes(digest("search task", seed, k, size=5), "big") for k in range(width)]
    tasks = [env_class(env).make_task(one, level, "train") for one in drawn]
    scores, tokens = np.zeros((count, width)), 0
    for unit in split(members, tasks, seed):
        rows = driver(0.0, style).play(engine, unit)
        for place, row in enumerate(rows, unit.member):
            scores[place, unit.task : unit.task + len(row)] = [episode.score for episode in row]
            tokens += sum(episode.tokens for episode in row)
    means = scores.mean(axis=1)
    order = np.argsort(-means, kind="stable")
    return Found(
        tuple(members[k] for k in order), tuple(float(means[k]) for k in order), count * width, tokens
    )  # fmt: skip


def become(engine: Engine, member: Member, noise: Noise) -> None:
    """Move an engine's centre from its base to one member."""
    engine.rewind()
    engine.apply_update(Update(0, (member.seed,), (1,), 1.0, member.sigma, noise, StepRule()))


class Vote:
    """A policy that answers with what most of some members answer; the better member's answer where votes are equal.

    The ensemble of RandOpt (Gan and Isola, arXiv:2603.12228), with a vote on every action of an episode.
    """

    def __init__(self, engine: Policy, members: Sequence[Member]) -> None:
        if not 0 < len(members) <= engine.capacity:
            raise ValueError(f"an ensemble has 1 to {engine.capacity} members, not {len(members)}")
        self._engine, self._members = engine, tuple(members)
        self.capacity, self.chat, self.context = 1, engine.chat, engine.context

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Begin a unit of the ensemble, whoever is named."""
        self._engine.load(self._members, episodes)

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """The winning completion of each request, with the tokens of all members counted."""
        asked = [replace(request, member=m) for request in requests for m in range(len(self._members))]
        replies = self._engine.generate(asked)
        width = len(self._members)
        return [_elect(replies[k : k + width]) for k in range(0, len(replies), width)]


def _elect(replies: Sequence[Completion]) -> Completion:
    votes = Counter(reply.text.strip() for reply in replies)
    most = max(votes.values())
    winner = next(reply for reply in replies if votes[reply.text.strip()] == most)
    return replace(
        winner, tokens_in=sum(reply.tokens_in for reply in replies), tokens_out=sum(r.tokens_out for r in replies)
    )
