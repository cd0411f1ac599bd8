"""Our environments for trl's GRPOTrainer: a data set, its reward function, and environments that are played by tools.

Needs `pip install 'esreason[trl]'`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from esreason.adapters.packages import package
from esreason.core.env import Mode
from esreason.core.errors import UsageError
from esreason.core.registry import AnyEnv, env_class
from esreason.core.task import Task
from esreason.rollout.prompts import Prompter, Style

datasets = package("datasets", "trl")

Completion = str | Sequence[dict[str, Any]]
Reward = Callable[..., list[float]]


class Played(Protocol):
    """An environment as GRPOTrainer's `environment_factory` wants it."""

    def reset(self, **columns: Any) -> str | None: ...
    def act(self, action: str) -> str: ...
    def get_reward(self) -> float: ...


def dataset(
    env: str, count: int, level: int = 1, split: str = "train", *, style: Style = "chat", shots: int = 0,
    last_step: bool = False, first: int = 0,
) -> Any:  # fmt: skip
    """A `datasets.Dataset` with `count` tasks, from the seed `first` on: the columns `prompt`, `task` and `played`.

    A prompt is a chat of one message or, in the styles `plain` and `few-shot`, a text. The whole answer is asked for,
    or with `last_step` one action, where the solver has played all others (`played`): what it is worth is known at
    once, so that a model which plays step by step can be trained without episodes.
    """
    mode: Mode = "steps" if last_step else "answer"
    prompter = Prompter(env_class(env), level, mode, style, shots)
    return datasets.Dataset.from_list(list(_rows(prompter, range(first, first + count), split, last_step)))


def _rows(prompter: Prompter, seeds: Sequence[int], split: str, last_step: bool) -> Iterator[dict[str, Any]]:
    env = prompter.env(level=prompter.level, split=split)
    for seed in seeds:
        task = env.make_task(seed, prompter.level, split)
        observation, _ = env.reset(options={"task": task})
        played = env.solve(task).actions[:-1] if last_step else []
        for action in played:
            observation = env.step(action)[0]
        prompt = prompter.first(observation)
        messages = prompt if isinstance(prompt, str) else [{"role": m.role, "content": m.content} for m in prompt]
        yield {"prompt": messages, "task": json.dumps(task.to_dict()), "played": played if last_step else None}


def reward(env: str) -> Reward:
    """The reward function of an environment's data set: the verifier's score in [0, 1] for each completion.

    A completion that is a text counts up to the first line end (where an answer has several lines: up to the first
    blank line), as everywhere else.
    """
    cls = env_class(env)
    stop = "\n\n" if cls.multiline else "\n"

    def scores(
        completions: Sequence[Completion], task: Sequence[str], played: Sequence[list[str] | None], **columns: Any
    ) -> list[float]:
        return [
            _score(cls, _said(completion, stop), json.loads(each), before)
            for completion, each, before in zip(completions, task, played, strict=True)
        ]

    scores.__name__ = f"{env}_reward"  # under which trl logs it
    return scores


def _said(completion: Completion, stop: str) -> str:
    if isinstance(completion, str):
        return completion.strip().partition(stop)[0]
    return str(completion[-1].get("content") or "") if completion else ""


def _score(cls: type[AnyEnv], text: str, task: dict[str, Any], played: Sequence[str] | None) -> float:
    env = cls(level=max(1, int(task["level"])), mode="answer" if played is None else "steps")
    env.reset(options={"task": Task.from_dict(task)})
    for action in played or ():
        env.step(action)
    return float(env.step(text)[1])


def environment(env: str, level: int = 1, split: str = "train") -> type[Played]:
    """A class for GRPOTrainer's `environment_factory`: the model acts by calling the tool `act`, step by step.

    `reset` plays the task in the column `task` (as `dataset` writes it), without one the next of the split's seeds;
    it returns the rules and the first observation, which trl appends to the prompt.
    """
    cls = env_class(env)

    class Environment:
        """One episode at a time, rewarded with the verifier's score at its end."""

        def __init__(self) -> None:
            self._env = cls(level=level, split=split)
            self._seed = 0
            self._over = True
            self._reward = 0.0

        def reset(self, task: str | None = None, **columns: Any) -> str:
            """Begin an episode; other columns of the data set are ignored."""
            given = {} if task is None else {"task": Task.from_dict(json.loads(task))}
            observation, info = self._env.reset(seed=self._seed, options=given)
            self._seed += task is None
            self._over, self._reward = False, 0.0
            return f"{info['rules']}\n\n{observation}"

        def act(self, action: str) -> str:
            """
            Plays one action and shows what it leads to.

            Args:
                action: The action, written as the rules say.

            Returns:
                The observation after the action.
            """
            if self._over:
                raise UsageError("The episode is over.")
            observation, self._reward, terminated, truncated, _ = self._env.step(action)
            self._over = terminated or truncated
            return f"{observation}\n\nThe episode is over." if self._over else observation

        def get_reward(self) -> float:
            """The score of the episode, 0 if it was not played to its end."""
            return self._reward

    Environment.__name__ = Environment.__qualname__ = cls.__name__
    return Environment
