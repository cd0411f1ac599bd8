"""A null method of equal budget: the best of many random perturbations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from esreason.core.registry import env_class
from esreason.core.seeding import digest
from esreason.engines.base import Engine, Policy
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
