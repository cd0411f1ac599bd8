"""Which tasks a run plays: a function of its settings and of how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from esreason.core.registry import env_class
from esreason.core.seeding import digest
from esreason.core.task import Task
from esreason.es.config import RunConfig
from esreason.es.strategies import strategy_class


class Syllabus:
    """The tasks of a run, environment by environment.

    Training and validation tasks are shared out: the environments take turns, and go on doing so in the next
    iteration where the last one left off, so that none is left out when there are more of them than tasks. Every
    environment is tested on `test_episodes` tasks of its own, as in a run of that environment alone.
    Tasks that were given take turns as well; where replies are greedy none is played twice for one score.
    """

    def __init__(self, config: RunConfig) -> None:
        self.config, self.envs, self.given = config, config.envs, config.own_tasks
        self._stages = strategy_class(config.strategy).stages

    def test(self) -> list[Task]:
        """Test seeds from 0 on, environment by environment, each task `test_samples` times in a row."""
        level, count = self.config.level, self.config.test_episodes
        if self.given:
            tasks = self._in_turn(self.given.test, 0, count)
        else:
            tasks = [env_class(env).make_task(seed, level, "test") for env in self.envs for seed in range(count)]
        return [task for task in tasks for _ in range(self.config.test_samples)]

    def validation(self, level: int) -> list[Task]:
        """Validation seeds from 0 on, environment by environment."""
        if self.given:
            return self._in_turn(self.given.validation, 0, self.config.validation_episodes)
        places = self._turns(0, self.config.validation_episodes)
        return [
            env_class(self.envs[env]).make_task(number, level, "validation")
            for env, slots in groupby(places, key=lambda place: place[0])
            for number, _ in enumerate(slots)
        ]

    def training(self, iteration: int, level: int) -> list[Task]:
        """The fresh tasks of an iteration, the same for all stages of a step."""
        first = self._first(iteration)
        return self._drawn(first * self.config.tasks, self.config.tasks, level, "train", first)

    def probe(self, count: int, level: int) -> list[Task]:
        """Training tasks to find sigma on."""
        return self._drawn(0, count, level, "probe")

    def columns(self, iteration: int) -> list[list[int]]:
        """The places of an iteration's tasks, a list for each environment that has any."""
        first = self._first(iteration)
        if self.given:
            return [list(range(len(self.training(iteration, self.config.level))))]
        return list(places_by([str(env) for env, _ in self._turns(first * self.config.tasks, self.config.tasks)]))

    def _in_turn(self, tasks: Sequence[Task], first: int, count: int) -> list[Task]:
        """Given tasks of the turns from `first` on."""
        if not self.config.temperature:
            count = min(count, len(tasks))
        return [tasks[(first + slot) % len(tasks)] for slot in range(count)]

    def _first(self, iteration: int) -> int:
        """The first iteration of the step that an iteration is a stage of."""
        return iteration - iteration % self._stages

    def _turns(self, first: int, count: int) -> list[tuple[int, int]]:
        """(environment, slot) of `count` slots dealt out from turn `first` on, environment by environment."""
        return sorted(((first + slot) % len(self.envs), slot) for slot in range(count))

    def _drawn(self, first: int, count: int, level: int, *purpose: object) -> list[Task]:
        """Training tasks with seeds of their own for every purpose and slot."""
        if self.given:
            return self._in_turn(self.given.train, first, count)
        tasks = []
        for env, slot in self._turns(first, count):
            seed = int.from_bytes(digest(self.config.seed, *purpose, slot, size=6), "big")
            tasks.append(env_class(self.envs[env]).make_task(seed, level, "train"))
        return tasks


def places_by(names: Sequence[str]) -> Iterator[list[int]]:
    """The places of each run of equal names."""
    for _, places in groupby(range(len(names)), key=names.__getitem__):
        yield list(places)
