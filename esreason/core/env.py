"""The base class of every environment: it keeps the invariants, a subclass fills the hooks."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast, overload

import gymnasium
from gymnasium.spaces import Text

from esreason.core.errors import IllegalAction, TaskSpaceError, UsageError
from esreason.core.seeding import digest, stream
from esreason.core.spaces import SharedText
from esreason.core.task import CUSTOM, SPLITS, Task, canonical_json
from esreason.core.text import CHARSET, MAX_ACTION, TextTooLong, canonical
from esreason.core.verdict import Solution, Verdict, reject

I = TypeVar("I")  # noqa: E741  the parsed payload
S = TypeVar("S")  # the state: str, int, bool, None and nested tuples of them

MAX_OBSERVATION = 16_384
_ATTEMPTS = 2_000
_SPLIT_OF_BYTE = ("train",) * 6 + ("validation", "test")

Mode = Literal["steps", "answer"]


class LegalActions(Sequence[str]):
    """The legal actions of a state, listed when first looked at."""

    __slots__ = ("_list", "_items")

    def __init__(self, listing: Callable[[], list[str]]) -> None:
        self._list: Callable[[], list[str]] | None = listing
        self._items: list[str] = []

    def _ready(self) -> list[str]:
        if self._list is not None:
            self._items, self._list = self._list(), None
        return self._items

    def __len__(self) -> int:
        return len(self._ready())

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._ready()[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ready())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, str) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # compared by content

    def __repr__(self) -> str:
        return repr(self._ready())

    def __reduce__(self) -> tuple[Any, ...]:
        return _listed, (list(self),)


def _listed(items: list[str]) -> LegalActions:
    return LegalActions(lambda: items)


def freeze(value: Any) -> Any:
    """JSON lists as tuples, all the way down: the form in which states are kept."""
    return tuple(map(freeze, value)) if isinstance(value, list | tuple) else value


class ReasoningEnv(gymnasium.Env[str, str], Generic[I, S]):
    """A puzzle played in text, step by step or in one answer, with a sparse reward in [0, 1].

    A subclass says what it is (`name`, `version`, `levels`, `rules`, `action_rule`, `answer_rule`) and fills the
    hooks below, which are class methods over data: the parsed payload (`_parse` makes it, once a task) and the
    state (immutable, JSON: str, int and nested tuples). They never keep anything between calls.

    The base keeps what users rely on: the reward is 0 but at the end, where it is the verifier's score; an action
    that breaks the rules leaves the state as it was, costs a step, is explained in one sentence on the last line of
    the observation, and the `max_illegal`-th ends the episode at 0; the episode is truncated at `_limit` steps;
    tasks are functions of (name, version, level, split, seed), and no payload is in two splits.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}

    name: ClassVar[str]
    version: ClassVar[int] = 0
    levels: ClassVar[int] = 10
    rules: ClassVar[str]
    """What the puzzle is and how to read the observation."""
    action_rule: ClassVar[str]
    """How one action is written."""
    answer_rule: ClassVar[str]
    """How the whole answer is written."""
    action_chars: ClassVar[int] = 16
    """No sensible action is longer."""
    answer_chars: ClassVar[int] = 512
    """No sensible answer is longer."""
    multiline: ClassVar[bool] = False
    """Whether an answer needs several lines."""
    max_illegal: ClassVar[int] = 3
    """The illegal action that ends an episode."""
    task_space: ClassVar[Mapping[int, int]] = {}
    """How many tasks there are at a level that has fewer than 100,000; where they are not equally likely, one over
    the chance that two draws agree. At other levels fewer than 1 % of a thousand seeds repeat a task."""

    def __init__(
        self, level: int = 1, split: str = "train", mode: Mode = "steps", render_mode: str | None = None
    ) -> None:
        self._check_origin(level, split)
        if mode not in ("steps", "answer"):
            raise UsageError(f"mode is 'steps' or 'answer', not {mode!r}")
        if render_mode not in (None, "ansi"):
            raise UsageError(f"render_mode is None or 'ansi', not {render_mode!r}")
        self.level, self.split, self.mode, self.render_mode = level, split, mode, render_mode
        self.observation_space = SharedText(MAX_OBSERVATION, min_length=0, charset=CHARSET)
        self.action_space = Text(MAX_ACTION, min_length=0, charset=CHARSET)
        self._over = True

    # What a subclass fills

    @classmethod
    @abstractmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        """A payload (JSON) of this level; every draw comes from `rng`."""

    @classmethod
    @abstractmethod
    def _parse(cls, payload: Mapping[str, Any]) -> I:
        """The payload checked and prepared; ValueError with one sentence if it is malformed."""

    @classmethod
    @abstractmethod
    def _start(cls, instance: I) -> S:
        """The first state."""

    @classmethod
    @abstractmethod
    def _observe(cls, instance: I, state: S) -> str:
        """The state as text: compact, whole, in CHARSET."""

    @classmethod
    @abstractmethod
    def _apply(cls, instance: I, state: S, action: str) -> S:
        """The next state; IllegalAction with one sentence if the rules forbid the action or it cannot be read."""

    @classmethod
    @abstractmethod
    def _done(cls, instance: I, state: S) -> bool:
        """Whether the episode ends here and its answer is judged."""

    @classmethod
    def _answer(cls, instance: I, state: S, actions: Sequence[str]) -> str:
        """The answer that an ended episode amounts to; by default the legal actions played."""
        return ", ".join(actions)

    @classmethod
    @abstractmethod
    def _verify(cls, instance: I, answer: str) -> Verdict:
        """The verdict on an answer (canonical text); total, bounded, ignorant of states."""

    @classmethod
    @abstractmethod
    def _solve(cls, instance: I) -> Solution:
        """A right answer and winning actions."""

    @classmethod
    def _counted(cls, text: str) -> str:
        """The part of a reply that is played or judged; TextTooLong refuses it unread."""
        return canonical(text)

    @classmethod
    def _legal(cls, instance: I, state: S) -> list[str] | None:
        """Every legal action, in a fixed order; None where listing them is not natural."""
        return None

    @classmethod
    def _limit(cls, instance: I) -> int:
        """The steps after which an episode is truncated."""
        return 64

    @classmethod
    def _cost(cls, instance: I, actions: Sequence[str]) -> float | None:
        """What legal actions cost by the metric of a task; None where the steps are what counts."""
        return None

    @classmethod
    def _variants(cls, rng: random.Random, payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Payloads as hard as this one, for environments where `_generate` is slow: tried for the split before it."""
        return iter(())

    @classmethod
    def _identity(cls, payload: Mapping[str, Any]) -> Any:
        """What makes two payloads the same task for the splits; by default everything."""
        return payload

    # Tasks

    @classmethod
    def _check_origin(cls, level: int, split: str) -> None:
        if not isinstance(level, int) or isinstance(level, bool) or not 1 <= level <= cls.levels:
            raise UsageError(f"{cls.name} has levels 1 to {cls.levels}, not {level!r}")
        if split not in SPLITS:
            raise UsageError(f"a split is one of {', '.join(SPLITS)}, not {split!r}")

    @classmethod
    def split_of(cls, payload: Mapping[str, Any]) -> str:
        """The only split in which this payload can occur (6/8 train, 1/8 validation, 1/8 test)."""
        return _SPLIT_OF_BYTE[digest(cls.name, canonical_json(cls._identity(payload)), size=1)[0] & 7]

    @classmethod
    def make_task(cls, seed: int, level: int = 1, split: str = "train") -> Task:
        """The task of this seed: the first payload of its stream that belongs to the split."""
        cls._check_origin(level, split)
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise UsageError(f"a seed is a whole number from 0 on, not {seed!r}")
        rng = stream(cls.name, cls.version, level, split, seed)
        for _ in range(_ATTEMPTS):
            payload = cls._generate(rng, level)
            for candidate in chain((payload,), cls._variants(rng, payload)):
                if cls.split_of(candidate) == split:
                    return Task(cls.name, cls.version, level, split, seed, candidate)
        raise TaskSpaceError(f"{cls.name} level {level} has no task in the split {split!r}.")

    @classmethod
    def task_from_payload(cls, payload: Mapping[str, Any]) -> Task:
        """A task for an instance that somebody else made; ValueError if it is malformed."""
        if not isinstance(payload, Mapping):
            raise ValueError("a payload is a JSON object")
        task = Task(cls.name, cls.version, 0, CUSTOM, 0, dict(payload))
        cls.instance_of(task)
        return task

    @classmethod
    def instance_of(cls, task: Task) -> I:
        """The parsed payload of a task of this environment."""
        if task.instance:
            return cast(I, task.instance[0])
        if task.env != cls.name:
            raise ValueError(f"the task is one of {task.env}, not of {cls.name}")
        if task.version != cls.version:
            raise ValueError(f"the task was made for version {task.version} of {cls.name}, this is {cls.version}")
        instance = cls._parse(task.payload)
        task.instance.append(instance)
        return instance

    @classmethod
    def verify(cls, task: Task, answer: str) -> Verdict:
        """The verdict on an answer as written by the player."""
        instance = cls.instance_of(task)
        try:
            text = cls._counted(answer)
        except TextTooLong as error:
            return reject(str(error))
        return cls._verify(instance, text)

    @classmethod
    def solve(cls, task: Task) -> Solution:
        """A right answer and winning actions."""
        return cls._solve(cls.instance_of(task))

    @classmethod
    def limit_of(cls, task: Task) -> int:
        """The steps after which an episode of this task is truncated."""
        return cls._limit(cls.instance_of(task))

    @classmethod
    def cost_of(cls, task: Task, actions: Sequence[str]) -> float | None:
        """What an episode of these actions costs by the metric of a task, the illegal ones left out; None without."""
        return cls._cost(cls.instance_of(task), actions)

    @classmethod
    def instructions(cls, mode: Mode) -> str:
        """The rules as a player of this mode is told them."""
        if mode == "answer":
            return f"{cls.rules} {cls.answer_rule}"
        end = f"An illegal action changes nothing; the {_ordinal(cls.max_illegal)} ends the game."
        return f"{cls.rules} {cls.action_rule} {end}"

    # Gymnasium

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode of `make_task(seed)`, or of `options["task"]` (a Task or its dict)."""
        super().reset(seed=seed)
        given = (options or {}).get("task")
        if given is None:
            number = int(self.np_random.integers(2**31)) if seed is None else int(seed)
            self.task = self.make_task(number, self.level, self.split)
        else:
            self.task = given if isinstance(given, Task) else Task.from_dict(given)
        self._instance = self.instance_of(self.task)
        self._state: S = self._start(self._instance)
        self._limit_now = 1 if self.mode == "answer" else self._limit(self._instance)
        self._actions: list[str] = []
        self._steps = self._illegal = 0
        self._note = ""
        self._over = False
        self.verdict: Verdict | None = None
        info = self._info()
        info["rules"] = self.instructions(self.mode)
        info["task"] = self.task.to_dict()
        return self._observe(self._instance, self._state), info

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Play one action, or in the mode `answer` give the whole answer."""
        if self._over:
            raise UsageError("the episode is over: call reset() first")
        self._steps += 1
        if self.mode == "answer":
            self._end(self.verify(self.task, action))
        else:
            self._play(action)
        verdict = self.verdict
        truncated = verdict is None and self._steps >= self._limit_now
        if truncated:
            self.verdict = reject(f"The episode was cut off after {self._steps} steps.")
            self._over = True
        observation = self._observe(self._instance, self._state)
        if self._note:
            observation = f"{observation}\n{self._note}"
        return observation, 0.0 if verdict is None else verdict.score, verdict is not None, truncated, self._info()

    def _play(self, action: str) -> None:
        instance = self._instance
        try:
            text = self._counted(action)
            state = self._apply(instance, self._state, text)
        except (IllegalAction, TextTooLong) as error:
            self._illegal += 1
            self._note = f"! {error}"
            if self._illegal >= self.max_illegal:
                self._end(reject(f"{_ordinal(self.max_illegal).capitalize()} illegal action: {error}"))
            return
        self._state, self._note = state, ""
        self._actions.append(text)
        if self._done(instance, state):
            self._end(self._verify(instance, self._answer(instance, state, self._actions)))

    def _end(self, verdict: Verdict) -> None:
        self.verdict, self._over = verdict, True

    def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = {"steps": self._steps, "illegal": self._illegal, "limit": self._limit_now}
        if self._over:
            info["verdict"] = cast(Verdict, self.verdict).to_dict()
        elif self.mode == "steps" and type(self)._legal is not ReasoningEnv._legal:
            instance, state = self._instance, self._state
            info["legal_actions"] = LegalActions(lambda: self._legal(instance, state) or [])
        return info

    def legal_actions(self) -> list[str] | None:
        """Every legal action now; None where listing them is not natural or the episode is over."""
        return None if self._over or self.mode == "answer" else self._legal(self._instance, self._state)

    def render(self) -> str | None:
        """The board as text with render_mode "ansi", else None."""
        return self._observe(self._instance, self._state) if self.render_mode == "ansi" else None

    # State as data

    def get_state(self) -> dict[str, Any]:
        """The whole episode so far as JSON data."""
        return {
            "task": self.task.to_dict(), "mode": self.mode, "state": self._state, "actions": list(self._actions),
            "steps": self._steps, "illegal": self._illegal, "note": self._note, "over": self._over,
            "verdict": self.verdict and self.verdict.to_dict(),
        }  # fmt: skip

    def set_state(self, data: Mapping[str, Any]) -> None:
        """Go back to an episode that `get_state` described."""
        self.reset(options={"task": data["task"]})
        if data["mode"] != self.mode:
            raise UsageError(f"the state is one of the mode {data['mode']!r}, this environment plays {self.mode!r}")
        self._state = freeze(data["state"])
        self._actions, self._note = list(data["actions"]), data["note"]
        self._steps, self._illegal, self._over = data["steps"], data["illegal"], data["over"]
        self.verdict = data["verdict"] and Verdict(**data["verdict"])


def _ordinal(n: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(n, f"{n}th")
