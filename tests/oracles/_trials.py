"""A verifier against its oracle on many texts near right answers."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from esreason.core.env import ReasoningEnv
from esreason.core.registry import AnyEnv, env_class
from esreason.core.task import Task
from tests.oracles import Oracle, load
from tests.oracles._corpus import Sample, expected, near, rewritten

LEVELS = (1, 3, 5)


@dataclass(slots=True)
class Tally:
    """How often a verifier and its oracle agreed, and each text on which they did not."""

    wrong: int = 0
    right: int = 0
    false_accepts: list[str] = field(default_factory=list)
    false_rejects: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def __str__(self) -> str:
        shown = [f"accepted: {text}" for text in self.false_accepts]
        shown += [f"refused: {text}" for text in self.false_rejects]
        return f"{len(shown)} disagreements; " + "; ".join(shown[:5])


def levels_of(oracle: Oracle, cls: type[AnyEnv]) -> list[int]:
    """The levels at which an oracle is used."""
    return [level for level in getattr(oracle, "LEVELS", LEVELS) if level <= cls.levels]


def sample_of(cls: type[AnyEnv], task: Task, others: tuple[str, ...]) -> Sample:
    """A task as the mutators see it."""
    env: ReasoningEnv[object, object] = cls(level=task.level)
    observation, info = env.reset(options={"task": task})
    return Sample(dict(task.payload), cls.solve(task).answer, observation, info["rules"], others)


def samples(cls: type[AnyEnv], level: int, first: int, count: int) -> Iterator[tuple[Task, Sample]]:
    """`count` tasks of a level from the seed `first` on, each beside the answers of others."""
    tasks = [cls.make_task(seed, level) for seed in range(first, first + count + 2)]
    answers = [cls.solve(task).answer for task in tasks]
    for index, task in enumerate(tasks[:count]):
        others = tuple(answer for answer in answers if answer != answers[index])
        yield task, sample_of(cls, task, others or ("0",))


def compare(cls: type[AnyEnv], oracle: Oracle, task: Task, text: str, right: bool, tally: Tally) -> None:
    """Let the verifier judge a text whose rightness is known."""
    begun = time.process_time()
    verdict = cls.verify(task, text)
    tally.slowest = max(tally.slowest, time.process_time() - begun)
    tally.right += right
    tally.wrong += not right
    if verdict.passed != right:
        where = f"{cls.name} level {task.level} seed {task.seed}: {text[:400]!r} ({verdict.reason[:200]})"
        (tally.false_rejects if right else tally.false_accepts).append(where)


def trial(name: str, wrong: int, right: int, tasks: int = 2) -> Tally:
    """The verifier and the oracle of an environment over at least so many texts of both kinds, if the texts differ."""
    cls, oracle, tally = env_class(name), load(name), Tally()
    levels, first = levels_of(oracle, cls), 0
    while (tally.wrong < wrong or tally.right < right) and first < 50 * tasks:
        for level in levels:
            for task, sample in samples(cls, level, first, tasks):
                rng = random.Random(f"{name} {level} {task.seed}")
                share = max(tasks * len(levels), 1)
                for text in near(oracle, sample, rng, -(-wrong * 5 // (4 * share))):
                    compare(cls, oracle, task, text, expected(oracle, sample.payload, text), tally)
                for text in rewritten(oracle, sample, rng, -(-right // share)):
                    if not expected(oracle, sample.payload, text):
                        tally.false_accepts.append(f"{name}: the oracle refuses its own rewrite {text[:400]!r}")
                    compare(cls, oracle, task, text, True, tally)
        first += tasks
    return tally
