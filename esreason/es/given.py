"""Tasks of one's own that a run plays instead of generated ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from esreason.core.errors import UsageError
from esreason.core.registry import task_from_payload
from esreason.core.seeding import digest
from esreason.core.task import Task, canonical_json

MAX_GIVEN = 1_000
FEWEST_TO_SPLIT = 3


@dataclass(frozen=True, slots=True)
class Given:
    """The given tasks of each split; up to two are all in every split, more are kept apart."""

    train: tuple[Task, ...]
    validation: tuple[Task, ...]
    test: tuple[Task, ...]

    @property
    def apart(self) -> bool:
        """Whether no task is in two splits."""
        return self.train != self.test

    @property
    def count(self) -> int:
        """How many tasks there are."""
        return len(self.train) + len(self.validation) + len(self.test) if self.apart else len(self.test)

    @property
    def sentence(self) -> str:
        """What the run's scores are about."""
        if self.apart:
            return (
                f"{self.count} given tasks: {len(self.train)} to train on, {len(self.validation)} to choose the "
                f"checkpoint by, {len(self.test)} as the test."
            )
        what = "the one given task" if self.count == 1 else f"the same {self.count} given tasks"
        return f"Training, validation and test all play {what}: the scores say nothing about other tasks."

    def to_dict(self) -> dict[str, Any]:
        """The sizes of the splits, and a digest of which tasks they are."""
        text = canonical_json([[dict(task.payload) for task in part] for part in (self.train, self.test)])
        sizes = {"train": len(self.train), "validation": len(self.validation), "test": len(self.test)}
        return {**sizes, "apart": self.apart, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def given_text(tasks: Iterable[Task]) -> str:
    """The setting `given` of a run on these tasks: their payloads as JSON."""
    return canonical_json([dict(task.payload) for task in tasks])


@lru_cache(maxsize=4)
def given_tasks(env: str, text: str) -> Given:
    """The tasks of a setting `given`, split by a digest of their payloads: an eighth each for validation and test,
    at least one. UsageError with one sentence if they are none.
    """
    try:
        payloads = json.loads(text)
    except (ValueError, RecursionError):
        payloads = None
    if not isinstance(payloads, list) or not 1 <= len(payloads) <= MAX_GIVEN:
        raise UsageError(f"given is a list of 1 to {MAX_GIVEN} payloads in JSON")
    tasks: dict[str, Task] = {}
    for number, payload in enumerate(payloads, 1):
        try:
            task = task_from_payload(env, payload)
            key = digest(env, canonical_json(payload)).hex()
        except (ValueError, RecursionError) as error:
            sentence = " ".join(str(error).split())[:300]
            raise UsageError(f"given task {number} is none of {env}: {sentence}") from None
        if key in tasks:
            raise UsageError(f"given task {number} is there already")
        tasks[key] = task
    ordered = tuple(task for _, task in sorted(tasks.items()))
    if len(ordered) < FEWEST_TO_SPLIT:
        return Given(ordered, ordered, ordered)
    share = max(1, len(ordered) // 8)
    return Given(ordered[2 * share :], ordered[share : 2 * share], ordered[:share])


def first_other(lines: Iterable[Mapping[str, Any]], tasks: Sequence[Task]) -> int | None:
    """The index of the first transcript line whose task is not the one due in its phase; None if all are."""
    due, phase, place = [task.to_dict() for task in tasks], None, 0
    for index, line in enumerate(lines):
        place = place + 1 if line["phase"] == phase else 0
        phase = line["phase"]
        if place >= len(due) or line["task"] != due[place]:
            return index
    return None
