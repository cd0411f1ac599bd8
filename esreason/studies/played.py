"""Episodes of an engine's centre together with the tokens of every turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from esreason.core.registry import env_class
from esreason.core.task import Task
from esreason.engines.base import Completion, Policy, Request
from esreason.es.noise import CENTRE, Member
from esreason.models import BUNDLED
from esreason.rollout.driver import Driver
from esreason.rollout.episode import Episode
from esreason.rollout.prompts import Prompts
from esreason.rollout.unit import split


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt and the tokens that were generated after it, the one that ends the completion included."""

    prompt: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """An episode and its turns."""

    episode: Episode
    turns: tuple[Turn, ...]


class Recorder:
    """A policy that keeps what another one generates."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.capacity, self.chat, self.context = policy.capacity, policy.chat, policy.context
        self.turns: dict[tuple[int, int], list[Turn]] = {}

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Begin a unit; forgets the last one's turns."""
        self.turns = {}
        self._policy.load(members, episodes)

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """The other policy's completions."""
        replies = self._policy.generate(requests)
        for request, reply in zip(requests, replies, strict=True):
            assert isinstance(request.prompt, str), "the styles of `driver` keep no dialogue"
            turns = self.turns.setdefault((request.member, request.episode), [])
            turns.append(Turn(request.prompt, reply.ids))
        return replies


Memoryless = Literal["plain", "few-shot"]
"""The prompt styles that show the current observation and no history."""


def style_of(model: str) -> Memoryless:
    """The bundled models were made for plain observations; any other one is shown solved examples first."""
    return "plain" if model in BUNDLED else "few-shot"


@cache
def driver(temperature: float, style: Memoryless) -> Driver:
    """A driver of steps with prompts of this style."""
    return Driver(Prompts("steps", style, temperature=temperature))


def play(
    policy: Policy, tasks: Sequence[Task], temperature: float = 0.0, seed: int = 0, style: Memoryless = "plain"
) -> list[Played]:
    """The centre's episodes, one a task, in order; `seed` fixes the draws where the temperature is above 0."""
    recorder, played = Recorder(policy), list[Played]()
    for unit in split([CENTRE], tasks, seed):
        [episodes] = driver(temperature, style).play(recorder, unit)
        turns = [tuple(recorder.turns[0, place]) for place in range(len(episodes))]
        played += [Played(episode, said) for episode, said in zip(episodes, turns, strict=True)]
    return played


def tasks_of(env: str, level: int, split_name: str, count: int) -> list[Task]:
    """The tasks 0 to count - 1 of a split, as a run scores them."""
    return [env_class(env).make_task(seed, level, split_name) for seed in range(count)]


def success(played: Sequence[Played]) -> float:
    """The mean score."""
    return sum(one.episode.score for one in played) / len(played)
