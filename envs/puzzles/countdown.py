"""Countdown: combine numbers until the target stands there.

An observation is `8 6 2 -> 24`; a right action is `8*6`, and `8*6/2` is a right answer.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.puzzles.countdown_solver import combine, search
from esreason.verifiers.arithmetic import ArithmeticFault, evaluate

# numbers (fewest, most), largest number (0: 1-10 and 25, 50, 75, 100), largest target
LEVELS = {
    1: (2, 3, 12, 99), 2: (4, 4, 9, 99), 3: (4, 4, 20, 200), 4: (4, 5, 20, 300), 5: (5, 5, 20, 500),
    6: (5, 5, 50, 999), 7: (5, 6, 50, 999), 8: (6, 6, 0, 999), 9: (6, 6, 50, 999), 10: (6, 6, 100, 999),
}  # fmt: skip

_OPERAND = r"(-?[0-9]{1,15}|\(-?[0-9]{1,15}(?:/[0-9]{1,15})?\))"
_ACTION = re.compile(rf"{_OPERAND}\s*([-+*/])\s*{_OPERAND}")

State = tuple[tuple[str, str], ...]
"""The numbers at hand, each with the expression that made it."""


@dataclass(frozen=True, slots=True)
class Game:
    """The parsed payload."""

    numbers: tuple[int, ...]
    target: int
    use_all: bool


def _write(value: Fraction) -> str:
    if value.denominator == 1 and value >= 0:
        return str(value.numerator)
    return f"({value})"


class Countdown(ReasoningEnv[Game, State]):
    """Reach the target with every number once: 2 or 3 up to 12 at level 1, six from the TV game at 8, up to 100 at 10.

    Every target is reachable by construction; arithmetic is exact, fractions included. A payload of somebody else may
    allow to leave numbers out, or have no solution: answers to it are judged, and `solve` says so in a ValueError.
    Where the target is one of the numbers and not all must be used, it is an answer, and a game is won by any operation
    on two others.
    """

    name = "countdown"
    rules = (
        "Countdown: combine the numbers on the left of -> with + - * / to make the number on the right. "
        "Each number is used at most once, and all of them must be used where the arrow is =>."
    )
    action_rule = (
        "Write one operation on two of the numbers that stand there, for example 8*6; "
        "its result takes their place. Results that are negative or fractions are written in parentheses."
    )
    answer_rule = "Answer with one expression, for example (8-2)*6."
    action_chars = 48
    answer_chars = 120
    task_space = {1: 2_200, 2: 8_800}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        fewest, most, largest, limit = LEVELS[level]
        while True:
            count = fewest if rng.random() < 0.2 else most
            if largest:
                numbers = [rng.randint(1, largest) for _ in range(count)]
            else:
                numbers = rng.sample((*range(1, 11), *range(1, 11), 25, 50, 75, 100), count)
            value = _random_result(rng, numbers)
            if value is not None and 0 < value <= limit:
                return {"numbers": numbers, "target": value, "use_all": True}

    @classmethod
    def _identity(cls, payload: Mapping[str, Any]) -> Any:
        return {**payload, "numbers": sorted(payload["numbers"])}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Game:
        numbers, target, use_all = payload.get("numbers"), payload.get("target"), payload.get("use_all")
        if set(payload) != {"numbers", "target", "use_all"} or not isinstance(use_all, bool):
            raise ValueError('a countdown payload is {"numbers": [int], "target": int, "use_all": bool}')
        if not isinstance(numbers, list | tuple) or not 2 <= len(numbers) <= 6:
            raise ValueError("countdown has two to six numbers")
        if any(type(n) is not int or not 0 <= n <= 10_000 for n in [*numbers, target]):
            raise ValueError("countdown numbers and targets are whole numbers from 0 to 10000")
        game = Game(tuple(numbers), int(str(target)), use_all)
        if _given(game) and len(numbers) == 2 and not _operations(game):
            raise ValueError("the target is one of two numbers and no operation leads to it")
        return game

    @classmethod
    def _start(cls, instance: Game) -> State:
        return tuple((str(n), str(n)) for n in instance.numbers)

    @classmethod
    def _observe(cls, instance: Game, state: State) -> str:
        arrow = "=>" if instance.use_all else "->"
        return f"{' '.join(value for value, _ in state)} {arrow} {instance.target}"

    @classmethod
    def _apply(cls, instance: Game, state: State, action: str) -> State:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form 8*6.")
        values = [value for value, _ in state]
        left, sign, right = match.groups()
        if left not in values:
            raise IllegalAction(f"{shown(left)} is not there.")
        first = values.index(left)
        values[first] = ""
        if right not in values:
            raise IllegalAction(f"{shown(right)} is not there{' twice' if left == right else ''}.")
        second = values.index(right)
        value = combine(Fraction(left.strip("()")), sign, Fraction(right.strip("()")))
        if value is None:
            raise IllegalAction("Division by zero is not possible.")
        if max(abs(value.numerator), value.denominator) >= 10**15:
            raise IllegalAction("The result is too large.")
        made = (_write(value), f"({state[first][1]}{sign}{state[second][1]})")
        return (made, *(item for place, item in enumerate(state) if place not in (first, second)))

    @classmethod
    def _done(cls, instance: Game, state: State) -> bool:
        if len(state) == 1:
            return True
        return not instance.use_all and any(value == str(instance.target) for value, _ in state)

    @classmethod
    def _answer(cls, instance: Game, state: State, actions: Sequence[str]) -> str:
        made = [expression for value, expression in state if value == str(instance.target)]
        return (made or [state[0][1]])[0]

    @classmethod
    def _verify(cls, instance: Game, answer: str) -> Verdict:
        try:
            value, used = evaluate(answer)
        except ArithmeticFault as error:
            return reject(str(error))
        surplus = Counter(used) - Counter(instance.numbers)
        if surplus:
            return reject(f"{next(iter(surplus))} is used more often than it is given.", answer)
        if instance.use_all and len(used) != len(instance.numbers):
            return reject("Not every number is used.", answer)
        if value != instance.target:
            return reject(f"The expression is {_write(value)[:40]}, not {instance.target}.", answer)
        return accept(answer)

    @classmethod
    def _solve(cls, instance: Game) -> Solution:
        if _given(instance):
            return Solution(str(instance.target), [_operations(instance)[0]], optimal=True)
        steps = search(instance.numbers, instance.target, instance.use_all)
        if steps is None:
            raise ValueError("this countdown has no solution")
        state, actions = cls._start(instance), []
        for left, sign, right in steps:
            actions.append(f"{_write(left)}{sign}{_write(right)}")
            state = cls._apply(instance, state, actions[-1])
        answer = cls._answer(instance, state, actions)
        return Solution(answer[1:-1] if answer.startswith("(") else answer, actions, optimal=True)

    @classmethod
    def _legal(cls, instance: Game, state: State) -> list[str]:
        values = [value for value, _ in state]
        found: dict[str, None] = {}
        for i, left in enumerate(values):
            for j, right in enumerate(values):
                if i != j:
                    for sign in "+-*/" if right != "0" else "+-*":
                        found[f"{left}{sign}{right}"] = None
        return list(found)

    @classmethod
    def _limit(cls, instance: Game) -> int:
        return 2 * len(instance.numbers)


def _given(game: Game) -> bool:
    """Whether the target is one of the numbers and needs no operation."""
    return not game.use_all and game.target in game.numbers


def _operations(game: Game) -> list[str]:
    """The first operations after which the target stands there."""
    start = Countdown._start(game)
    target = str(game.target)
    return [
        action
        for action in Countdown._legal(game, start)
        if any(value == target for value, _ in Countdown._apply(game, start, action))
    ]


def _random_result(rng: random.Random, numbers: list[int]) -> int | None:
    """The result of combining all numbers in random order with whole results only, or None."""
    values = list(numbers)
    while len(values) > 1:
        a = values.pop(rng.randrange(len(values)))
        b = values.pop(rng.randrange(len(values)))
        if a < b:
            a, b = b, a
        sign = rng.choice("+-**" if b == 0 or a % b else "+-*/")
        values.append(a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a // b)
        if values[-1] > 10_000:
            return None
    return values[0]
