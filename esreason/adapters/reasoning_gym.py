"""The data sets of reasoning-gym as environments, and ours as data sets of it.

`reasoning-gym/<data set>` is an environment's name wherever one is asked for; once this file is imported,
`gymnasium.make("reasoning-gym/ChainSum-v0")` works for every data set. Needs `pip install 'esreason[reasoning-gym]'`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from io import StringIO
from typing import Any, ClassVar

from esreason.adapters import harmless
from esreason.adapters.packages import package
from esreason.core import registry
from esreason.core.env import Mode, ReasoningEnv
from esreason.core.errors import UnknownNameError, Unsolved, UsageError
from esreason.core.seeding import digest
from esreason.core.spaces import AnyText
from esreason.core.task import SPLITS
from esreason.core.text import CHARSET, counted, shown
from esreason.core.verdict import Solution, Verdict, as_verdict, reject

theirs = package("reasoning_gym", "reasoning-gym")
factory = package("reasoning_gym.factory", "reasoning-gym")
coaching = package("reasoning_gym.coaching", "reasoning-gym")
ProceduralDataset: Any = theirs.dataset.ProceduralDataset

MAX_INDEX = 2**31
MAX_QUESTION = 65_536

EVALUATED: dict[str, Callable[[str], bool]] = {
    **dict.fromkeys(
        ("countdown", "intermediate_integration", "polynomial_multiplication", "puzzle24", "simple_integration"),
        harmless.expression,
    ),
    **dict.fromkeys(("binary_matrix", "n_queens", "spiral_matrix", "string_insertion"), harmless.literal),
}
"""The data sets whose scorers evaluate an answer as Python, and which answers are harmless enough for that."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry and the data set that scores it."""

    data: Any
    entry: dict[str, Any]


class DataSet(ReasoningEnv[Item, str | None]):
    """A question of a reasoning-gym data set, answered at once and scored by its own verifier (partly, if it does so).

    Level 1 is the data set's default settings, or those it was registered with; the levels above are those of its
    curriculum. A payload is {"level", "index", "question"}: the entry is made again from the first two, and refused
    if the installed release makes another question of them.
    """

    rules = "Answer the question."
    action_rule = answer_rule = "Give the answer alone, as the question asks for it."
    action_chars = answer_chars = 4_096
    multiline = True

    source: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    made: ClassVar[dict[int, Any]]
    """The data sets in use, by level."""

    def __init__(
        self, level: int = 1, split: str = "train", mode: Mode = "steps", render_mode: str | None = None
    ) -> None:
        super().__init__(level, split, mode, render_mode)
        self.observation_space = AnyText(MAX_QUESTION, min_length=0, charset=CHARSET)

    @classmethod
    def data(cls, level: int) -> Any:
        """The data set at a level, every index of it in reach."""
        if level not in cls.made:
            data = _make(cls.source, cls.settings, level, 0)
            data.size = data.config.size = MAX_INDEX
            cls.made[level] = data
        return cls.made[level]

    @classmethod
    def item(cls, level: int, index: int) -> Item:
        """The entry at an index: the first one of the data set with that seed."""
        with redirect_stdout(StringIO()):  # some of them print
            try:
                data = cls.data(level)
                return Item(data, data[index])
            except IndexError:  # its entries were all made when it was
                data = _make(cls.source, cls.settings, level, index)
                return Item(data, data[0])

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        index = rng.randrange(MAX_INDEX)
        return {"level": level, "index": index, "question": cls.item(level, index).entry["question"]}

    @classmethod
    def _identity(cls, payload: Mapping[str, Any]) -> Any:
        return payload["question"]

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Item:
        if set(payload) != {"level", "index", "question"}:
            raise ValueError(f'a payload of {cls.name} is {{"level": number, "index": number, "question": text}}')
        level, index = payload["level"], payload["index"]
        if type(level) is not int or not 1 <= level <= cls.levels:
            raise ValueError(f"level is a whole number from 1 to {cls.levels}")
        if type(index) is not int or not 0 <= index < MAX_INDEX:
            raise ValueError(f"index is a whole number below {MAX_INDEX:,}")
        item = cls.item(level, index)
        if item.entry["question"] != payload["question"]:
            release = version("reasoning-gym")  # its own __version__ lags behind
            raise ValueError(f"the installed reasoning-gym {release} makes another question at this index")
        if len(item.entry["question"]) > MAX_QUESTION:
            raise ValueError(f"the question is longer than {MAX_QUESTION:,} characters")
        return item

    @classmethod
    def _start(cls, instance: Item) -> str | None:
        return None

    @classmethod
    def _observe(cls, instance: Item, state: str | None) -> str:
        return str(instance.entry["question"])

    @classmethod
    def _apply(cls, instance: Item, state: str | None, action: str) -> str | None:
        return action

    @classmethod
    def _done(cls, instance: Item, state: str | None) -> bool:
        return state is not None

    @classmethod
    def _answer(cls, instance: Item, state: str | None, actions: Any) -> str:
        return state or ""

    @classmethod
    def _counted(cls, text: str) -> str:
        return counted(text)  # its signs are theirs to read

    @classmethod
    def _verify(cls, instance: Item, answer: str) -> Verdict:
        guard = EVALUATED.get(cls.source)
        if guard and answer != instance.entry["answer"].strip() and not guard(answer):
            return reject(f"The answer {shown(answer)} is not of a form that may be evaluated.")
        try:
            with redirect_stdout(StringIO()):
                score = float(instance.data.score_answer(answer, instance.entry))
        except Exception as error:  # noqa: BLE001  their scorers raise on texts that they cannot read
            return reject(f"{type(error).__name__} in the scorer of {cls.source}.")
        verdict = as_verdict(1.0 if 1.0 < score < 1.0 + 1e-9 else score)  # sums of theirs that are rounded up
        return Verdict(verdict.score, verdict.passed, verdict.reason, answer)

    @classmethod
    def _solve(cls, instance: Item) -> Solution:
        answer = instance.entry["answer"]
        if answer is None:
            raise Unsolved(f"reasoning-gym keeps no answers to {cls.source}, so that it has no solver.")
        return Solution(str(answer), [str(answer)], True)

    @classmethod
    def _limit(cls, instance: Item) -> int:
        return 1

    @classmethod
    def instructions(cls, mode: Mode) -> str:
        """The rules, the same in both modes."""
        return f"{cls.rules} {cls.answer_rule}"


def _make(source: str, settings: Mapping[str, Any], level: int, seed: int) -> Any:
    if level == 1:
        return factory.create_dataset(source, seed=seed, size=1, **settings)
    curriculum = factory.create_curriculum(source)
    curriculum.set_global_level(level - 2)
    config = curriculum.generate_configuration({"seed": seed, "size": 1})
    return factory.DATASETS[source][0](config=config)


def _levels(source: str) -> int:
    if not factory.has_curriculum(source):
        return 1
    attributes = factory.create_curriculum(source).attributes.values()
    return 1 + max((len(attribute.levels) for attribute in attributes), default=0)


def data_set(source: str, **settings: Any) -> type[DataSet]:
    """The environment class of a data set, with settings of its own if any are given (there is one level then).

    Raises UnknownNameError, and UsageError if the data set refuses the settings.
    """
    if source not in factory.DATASETS:
        raise UnknownNameError("data set of reasoning-gym", source, factory.DATASETS)
    levels = 1 if settings else _levels(source)
    words = "".join(part.title() for part in source.split("_"))
    body = {
        "__doc__": f"The data set {source} of reasoning-gym.", "name": f"reasoning-gym/{source}", "source": source,
        "settings": settings, "levels": levels, "made": {},
    }  # fmt: skip
    cls: type[DataSet] = type(words, (DataSet,), body)
    try:
        cls.data(1)
    except (AssertionError, TypeError, ValueError) as error:
        raise UsageError(f"reasoning-gym refuses {source}: {' '.join(str(error).split())}") from None
    return cls


def register(name: str, source: str, **settings: Any) -> type[DataSet]:
    """Register a data set with settings of one's own under a name, as `register_env` does."""
    return registry.register_env(name, family="reasoning-gym")(data_set(source, **settings))


@dataclass
class Settings:
    """The settings of one of our environments as a data set."""

    level: int = 1
    split: str = "train"
    seed: int | None = None
    size: int = 500

    def validate(self) -> None:
        """Raise AssertionError, as reasoning-gym's own settings do."""
        assert self.split in SPLITS, f"a split is one of {', '.join(SPLITS)}"
        assert self.size > 0 and self.level > 0, "size and level are above 0"


class Offered(ProceduralDataset):
    """One of our environments as a data set of one-answer questions, judged by its own verifier."""

    env: ClassVar[str]

    def __init__(self, config: Settings) -> None:
        super().__init__(config=config, seed=config.seed, size=config.size)

    def __getitem__(self, idx: int) -> dict[str, Any]:
        """The question, a right answer, and the task in the metadata."""
        cls = registry.env_class(self.env)
        number = int.from_bytes(digest("reasoning-gym", self.seed, idx, size=6), "big")
        task = cls.make_task(number, self.config.level, self.config.split)
        instance = cls.instance_of(task)
        question = f"{cls.instructions('answer')}\n\n{cls._observe(instance, cls._start(instance))}"
        return {
            "question": question,
            "answer": cls.solve(task).answer,
            "metadata": {
                "source_dataset": offered_name(self.env), "source_index": idx, "task": task.to_dict(),
                "difficulty": {"level": self.config.level},
            },
        }  # fmt: skip

    def score_answer(self, answer: str | None, entry: dict[str, Any]) -> float:
        """The verdict's score in [0, 1]."""
        return 0.0 if answer is None else registry.verify(self.env, entry["metadata"]["task"], answer).score


def offered_name(env: str) -> str:
    """What an environment of ours is called in reasoning-gym."""
    return f"esreason_{env.replace('-', '_')}"


def offer(*envs: str) -> list[str]:
    """Register environments (default: all of ours) with reasoning-gym's factory; the names of their data sets."""
    names = envs or [info.name for info in registry.list_envs() if info.origin == "esreason"]
    return [_offer(registry.env_info(name)) for name in names]


def _offer(info: registry.EnvInfo) -> str:
    name = offered_name(info.name)
    if name not in factory.DATASETS:
        cls = type(name.title().replace("_", ""), (Offered,), {"__doc__": info.summary, "env": info.name})
        factory.register_dataset(name, cls, Settings, _curriculum(info))
    return name


def _curriculum(info: registry.EnvInfo) -> type:
    levels = coaching.ScalarAttributeDefinition(
        name="level", field_name="level", levels=list(info.levels), description="How hard it is"
    )

    def __init__(self: Any) -> None:
        coaching.BaseCurriculum.__init__(self, type(self).__name__, Settings)
        self._define_attributes(levels)

    return type(f"{info.name.title()}Curriculum", (coaching.BaseCurriculum,), {"__init__": __init__})


for _source in factory.DATASETS:
    registry.announce(f"reasoning-gym/{_source}")
