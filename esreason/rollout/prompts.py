"""How a task becomes a prompt: a chat, the plain observation, or solved examples in front."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from esreason.core.env import Mode
from esreason.core.errors import UsageError
from esreason.core.registry import AnyEnv, env_class
from esreason.core.task import CUSTOM, Task
from esreason.engines.base import Message, Sampling

Style = Literal["chat", "plain", "few-shot"]
Prompt = str | tuple[Message, ...]

STYLES: tuple[Style, ...] = ("chat", "plain", "few-shot")
_SHOT_SEED = 2**40
_MEASURED = 32  # training tasks whose solutions bound the length of a completion
_CHAT_HINT = "Think as long as you need, then give {what} inside <answer> and </answer>."
_CHAT_TOKENS = 512
_JUDGEMENT_TOKENS = 32  # as published for the meta prompt; a line ends it sooner


def choose_style(style: str, shots: int, chat: bool) -> Style:
    """The style that `--prompt` and `--shots` mean for a model with or without a chat template."""
    if style == "auto":
        return "few-shot" if shots else "chat" if chat else "plain"
    if style not in STYLES:
        raise UsageError(f"a prompt style is auto, {', '.join(STYLES)}, not {style!r}")
    if style == "chat" and not chat:
        raise UsageError("this model has no chat template: use --prompt plain or few-shot")
    return style


@dataclass(frozen=True)
class Prompter:
    """Builds the prompts of one environment, level, mode and style; the same for every member.

    `plain` and `few-shot` show the current observation only, without history; `chat` keeps the dialogue.
    The shots are tasks of the training split, solved by the solver; they are the shared prefix of all prompts.
    """

    env: type[AnyEnv]
    level: int
    mode: Mode
    style: Style
    shots: int = 0
    given: bool = False
    """Whether the tasks are somebody's own, of whose solutions the generated tasks say nothing."""

    @cached_property
    def prefix(self) -> str:
        """The rules and the solved examples of a few-shot prompt."""
        if self.style != "few-shot":
            return ""
        parts = [self.env.instructions(self.mode) + "\n\n"]
        for number in range(self.shots or 3):
            task = self.env.make_task(_SHOT_SEED + number, self.level, "train")
            observation, reply = self._example(task, number)
            parts.append(f"{observation}\nAnswer: {reply}\n\n")
        return "".join(parts)

    def _example(self, task: Task, number: int) -> tuple[str, str]:
        instance, solution = self.env.instance_of(task), self.env.solve(task)
        state = self.env._start(instance)
        if self.mode == "answer":
            return self.env._observe(instance, state), solution.answer
        chosen = number % len(solution.actions)
        for action in solution.actions[:chosen]:
            state = self.env._apply(instance, state, action)
        return self.env._observe(instance, state), solution.actions[chosen]

    @cached_property
    def max_tokens(self) -> int:
        """A bound on a completion, from what the solver writes on training tasks (a token is a character or more)."""
        if self.style == "chat":
            return _CHAT_TOKENS
        most = self.env.answer_chars if self.mode == "answer" else self.env.action_chars + 2
        if self.given:
            return most
        longest = 0
        for number in range(_MEASURED):
            solution = self.env.solve(self.env.make_task(_SHOT_SEED + number, self.level, "train"))
            texts = [solution.answer] if self.mode == "answer" else solution.actions
            longest = max(longest, *map(len, texts))
        return min(longest + 2, most)

    @property
    def stop(self) -> str:
        """The text that ends a completion; empty for a chat, which ends itself."""
        if self.style == "chat":
            return ""
        return "\n\n" if self.env.multiline else "\n"

    def first(self, observation: str) -> Prompt:
        """The prompt of an episode's first turn."""
        if self.style != "chat":
            return self._text(observation)
        what = "the whole answer" if self.mode == "answer" else "one action"
        rules = f"{self.env.instructions(self.mode)} {_CHAT_HINT.format(what=what)}"
        return (Message("user", f"{rules}\n\n{observation}"),)

    def meta(self, question: str) -> Prompt:
        """The prompt of a judgement: like a first turn, but with no word on how to answer and no solved examples."""
        if self.style == "chat":
            return (Message("user", f"{self.env.rules}\n\n{question}"),)
        return f"{question}\n" if self.style == "plain" else f"{self.env.rules}\n\n{question}\nAnswer:"

    def next(self, prompt: Prompt, reply: str, observation: str) -> Prompt:
        """The prompt after a reply has been played."""
        if isinstance(prompt, str):
            return self._text(observation)
        return (*prompt, Message("assistant", reply), Message("user", observation))

    def _text(self, observation: str) -> str:
        if self.style == "plain":
            return observation + "\n"
        return f"{self.prefix}{observation}\nAnswer:"


@dataclass(frozen=True)
class Prompts:
    """How the tasks of a run become prompts, and how replies are drawn; a prompter for each environment and level.

    `max_tokens` 0 means the bound that each environment gives by itself; `judgement` what is asked before each task;
    members that are not the centre draw its reply at `judgement_temperature` if that is above 0.
    """

    mode: Mode
    style: Style
    shots: int = 0
    max_tokens: int = 0
    temperature: float = 0.0
    judgement: str = "none"
    judgement_temperature: float = 0.0
    _made: dict[tuple[str, int, bool], tuple[Prompter, Sampling]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def of(self, task: Task) -> tuple[Prompter, Sampling]:
        """The prompter of a task and the sampling of its replies, made at their first use."""
        key = task.env, max(1, task.level), task.split == CUSTOM
        if key not in self._made:
            prompter = Prompter(env_class(task.env), key[1], self.mode, self.style, self.shots, key[2])
            sampling = Sampling(self.max_tokens or prompter.max_tokens, self.temperature, 0, prompter.stop)
            self._made[key] = prompter, sampling
        return self._made[key]

    def meta_sampling(self, sampling: Sampling) -> Sampling:
        """How the reply to a judgement's question is chosen."""
        return replace(sampling, max_tokens=_JUDGEMENT_TOKENS, stop="" if self.style == "chat" else "\n")
