"""The unit of work: a block of members that play the same tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from esreason.core.task import Task
from esreason.es.noise import Member

MEMBERS = 16
EPISODES = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """Members x tasks, played in one batch; what is in it depends on counts only, never on who plays it.

    `member` and `task` are the places of the first of them in the whole; `sampling` seeds the draws. With `vote` the
    members are one player, who acts as most of them would, and the unit has one row of episodes.
    """

    members: tuple[Member, ...]
    tasks: tuple[Task, ...]
    member: int = 0
    task: int = 0
    sampling: int = 0
    vote: bool = False


def split(
    members: Sequence[Member],
    tasks: Sequence[Task],
    sampling: int = 0,
    block: tuple[int, int] = (MEMBERS, EPISODES),
    *,
    vote: bool = False,
) -> Iterator[Unit]:
    """The units of a population (or of one that votes) on common tasks, in blocks of `block` members x episodes."""
    height, width = block
    if vote:
        for t in range(0, len(tasks), width):
            yield Unit(tuple(members), tuple(tasks[t : t + width]), 0, t, sampling, vote)
        return
    if len(members) < height:  # a single centre fills a batch with episodes instead
        width = width * (height // len(members))
    for m in range(0, len(members), height):
        for t in range(0, len(tasks), width):
            yield Unit(tuple(members[m : m + height]), tuple(tasks[t : t + width]), m, t, sampling)
