"""The contracts as code: `check_env` and `check_verifier` raise with one sentence on the first breach."""

from __future__ import annotations

import gc
import json
import random
import time
from collections.abc import Iterator
from typing import Any

from esreason.core import registry
from esreason.core.env import Mode, ReasoningEnv
from esreason.core.errors import ContractError, EsreasonError, IllegalAction
from esreason.core.task import SPLITS, Task
from esreason.core.text import CHARSET
from esreason.core.verdict import Solution, Verdict

HOSTILE = (
    "", " ", "\n", "\0", "?", "-1", "0", "nan", "inf", "1e999", "9" * 5_000, "(" * 5_000, "[]", "{}", "None",
    "r0c0=0", "r99999999999c1=1", "A->A", "\u0661\u0662\u0663", "\U0001f600", "\u202e", "\ud800", "<answer>",
    "<answer></answer>", "```\n```", "__import__('os')", "a" * 30_000, "1 " * 5_000, "-> " * 3_000, "\x1b[2J", "%s%n",
    "1,2,3 or 3,2,1", "\r\n\t", "../../etc/passwd", "' OR 1=1 --", "$(reboot)", "{{7*7}}", "x = y = z", "1/0", "**",
    "//", "10^5000", "10**5000*x", "x = 10^4400", "1/10^5000", "9^9^9", "2^-9999, 7^5000",
)  # fmt: skip
"""Texts that no environment and no verifier may stumble over."""

_TASKS = 3
_SECONDS = 1.0


def _require(fact: bool, sentence: str) -> None:
    if not fact:
        raise ContractError(sentence)


def check_env(name: str, levels: range | None = None) -> None:
    """Run the contract of an environment over its levels (default: all)."""
    cls = registry.env_class(name)
    info = registry.env_info(name)
    where = f"{name}: "
    _require(cls.name == name, f"{where}the class calls itself {cls.name!r}.")
    listed, own = (info.version, len(info.levels)), (cls.version, cls.levels)
    _require(listed == own, f"{where}the catalogue says version and levels {listed}, the class {own}.")
    _require(bool(info.summary), f"{where}it has no summary.")
    modes: tuple[Mode, ...] = ("steps", "answer")
    for mode in modes:
        rules = cls.instructions(mode)
        _require(set(rules) <= set(CHARSET), f"{where}its rules hold characters outside ASCII.")
    for level in levels or range(1, cls.levels + 1):
        for seed in range(_TASKS):
            try:
                _check_task(cls, level, seed)
            except ContractError:
                raise
            except Exception as error:
                told = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
                raise ContractError(f"{where}level {level} seed {seed} raised {told}") from error
    _check_splits(cls)


def _check_task(cls: type[ReasoningEnv[Any, Any]], level: int, seed: int) -> None:
    where = f"{cls.name} level {level} seed {seed}: "
    task = cls.make_task(seed, level)
    again = cls.make_task(seed, level)
    _require(task == again, f"{where}the same seed gave two tasks.")
    data = json.loads(json.dumps(task.to_dict(), allow_nan=False))
    _require(Task.from_dict(data) == task, f"{where}the task does not survive JSON.")
    fresh = cls.task_from_payload(data["payload"])
    solution = cls.solve(task)
    _check_solution(cls, task, fresh, solution, where)
    _check_play(cls, task, solution, where)
    _check_hostile(cls, task, solution, where)


def _check_solution(cls: type[ReasoningEnv[Any, Any]], task: Task, fresh: Task, solution: Solution, where: str) -> None:
    _require(solution == cls.solve(fresh), f"{where}the solver is not deterministic.")
    _require(len(solution.answer) <= cls.answer_chars, f"{where}answer_chars is below the length of a right answer.")
    _require(cls.multiline or "\n" not in solution.answer, f"{where}the answer has several lines, but not `multiline`.")
    verdict = cls.verify(task, solution.answer)
    _require(verdict.passed, f"{where}the solver's answer fails: {verdict.reason}")
    _require(verdict.parsed is not None, f"{where}the verdict on a right answer does not say how it was read.")
    for text in ("", " ", "?"):
        _require(not cls.verify(task, text).passed, f"{where}the answer {text!r} passes.")
    env = cls(level=max(task.level, 1), mode="answer")
    env.reset(options={"task": task})
    *_, reward, terminated, truncated, _info = env.step(solution.answer)
    _require((reward, terminated, truncated) == (1.0, True, False), f"{where}the answer does not win in one step.")


def _check_play(cls: type[ReasoningEnv[Any, Any]], task: Task, solution: Solution, where: str) -> None:
    actions = solution.actions
    first, second = cls(level=task.level), cls(level=task.level)
    start, info = first.reset(seed=task.seed)
    _require(info["task"] == task.to_dict(), f"{where}reset(seed) plays another task than make_task.")
    second.reset(options={"task": task})
    _check_text(start, where)
    terminated = truncated = False
    reward = 0.0
    for number, action in enumerate(actions):
        _require(not terminated and not truncated, f"{where}the episode ended before the solver's action {number + 1}.")
        _require(len(action) <= cls.action_chars, f"{where}action_chars is below the solver's action {action!r}.")
        listed = first.legal_actions()
        _require(listed is None or action in listed, f"{where}the solver's action {action!r} is not listed as legal.")
        result = first.step(action)
        _require(result == second.step(action), f"{where}two environments differ after the action {action!r}.")
        observation, reward, terminated, truncated, _ = result
        _check_text(observation, where)
        _require(type(reward) is float, f"{where}a reward is a {type(reward).__name__}, not a float.")
        _require(terminated or reward == 0.0, f"{where}a step before the end is rewarded.")
        state = json.loads(json.dumps(first.get_state(), allow_nan=False))
        second.set_state(state)
        _require(second.get_state() == first.get_state(), f"{where}the state does not survive JSON.")
    _require(bool(actions) and terminated and reward == 1.0, f"{where}the solver's actions do not win.")


def _check_text(text: str, where: str) -> None:
    _require(isinstance(text, str) and len(text) < 16_000, f"{where}an observation is no text or too long.")
    _require(set(text) <= set(CHARSET), f"{where}an observation holds a character outside printable ASCII.")


def _judged(cls: type[ReasoningEnv[Any, Any]], task: Task, text: str) -> tuple[Verdict, float]:
    """The verdict and its CPU seconds, without a collection of what the process left lying about before."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        begun = time.process_time()
        verdict = cls.verify(task, text)
        return verdict, time.process_time() - begun
    finally:
        if collecting:
            gc.enable()


def _check_hostile(cls: type[ReasoningEnv[Any, Any]], task: Task, solution: Solution, where: str) -> None:
    instance = cls.instance_of(task)
    state = cls._start(instance)
    for text in _hostile_texts(solution):
        shown = ascii(text[:40])
        try:
            verdict, seconds = _judged(cls, task, text)
        except Exception as error:
            raise ContractError(f"{where}verify raised {type(error).__name__} on {shown}.") from error
        _require(isinstance(verdict, Verdict), f"{where}verify returned no Verdict on {shown}.")
        _require(seconds < _SECONDS, f"{where}verify took over a second on {shown}.")
        env = cls(level=task.level)
        env.reset(options={"task": task})
        try:
            observation = env.step(text)[0]
        except Exception as error:
            raise ContractError(f"{where}step raised {type(error).__name__} on {shown}.") from error
        _check_text(observation, where)
    _require(cls._start(instance) == state, f"{where}playing changed the instance.")
    try:
        cls._apply(instance, state, "\0")
    except IllegalAction:
        return
    raise ContractError(f"{where}a zero byte is a legal action.")


def _hostile_texts(solution: Solution) -> Iterator[str]:
    yield from HOSTILE
    rng = random.Random(0)
    for text in (solution.answer, *solution.actions[:2]):
        for _ in range(5):
            letters = list(text)
            if letters:
                letters[rng.randrange(len(letters))] = rng.choice(CHARSET + "\0\u0663")
            yield "".join(letters)
        yield text * 50


def _check_splits(cls: type[ReasoningEnv[Any, Any]]) -> None:
    for split in SPLITS:
        for seed in range(_TASKS):
            task = cls.make_task(seed, 1, split)
            _require(cls.split_of(task.payload) == split, f"{cls.name}: a task of {split} belongs to another split.")


def check_verifier(name: str, task: Task | None = None) -> None:
    """Run the contract of a verifier on hostile texts; `task` is any task it can judge (default: a sudoku)."""
    judged = task or registry.make_task(name if name in {i.name for i in registry.list_envs()} else "sudoku", seed=0)
    function = registry._verifier(name)
    for text in HOSTILE:
        shown = ascii(text[:40])
        try:
            value = function(judged, text)
        except EsreasonError:
            raise
        except Exception as error:
            raise ContractError(f"The verifier {name} raised {type(error).__name__} on {shown}.") from error
        _require(isinstance(value, Verdict | float | bool), f"The verifier {name} returned {value!r} on {shown}.")
        verdict = registry.verify(name, judged, text)
        same = verdict == registry.verify(name, judged, text)
        _require(same, f"The verifier {name} is not deterministic on {shown}.")
        usable = "verifier returned" not in verdict.reason
        _require(usable, f"The verifier {name} gives no score on {shown}: {verdict.reason}")
