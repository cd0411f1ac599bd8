"""The two players of each environment that `seedling` was taught."""

from __future__ import annotations

import re
from typing import Any

from esreason.core.registry import AnyEnv
from esreason.envs.metacognition.judged import Quiz
from esreason.envs.programs.register_machine import Execution
from esreason.envs.symbolic.inequality import Question
from esreason.models.players import Skill
from esreason.verifiers.programs.registers import read_program

_FACTOR = re.compile(r"x(?: ([-+]) ([0-9]+))?(?![0-9])")
_SUM = re.compile(r"([0-9]+)([-+*])([0-9]+)")
_LINEAR = re.compile(r"(-?[0-9]*)\*?x ([-+]) ([0-9]+) = (-?[0-9]+)")
_SCALED = re.compile(r"([0-9]+)\*x = (-?[0-9]+)")


def roots_as_written(instance: Question) -> list[str]:
    """The roots of the factors (x - a)*(x + b) in the order of the text."""
    return [f"{'-' * (sign == '+')}{value}" if value else "0" for sign, value in _FACTOR.findall(instance.text)]


def inequality_expert(env: type[AnyEnv], instance: Question, state: tuple[str, ...]) -> str:
    """The next line of the solution."""
    return str(env._solve(instance).actions[len(state)])


def inequality_habit(env: type[AnyEnv], instance: Question, state: tuple[str, ...]) -> str:
    """The roots in the order of the factors, and intervals that always hold their ends."""
    if len(state) < 2:
        return roots_as_written(instance)[len(state)]
    right = inequality_expert(env, instance, state)
    return right if len(state) == 2 else re.sub(r"\((?!-inf)", "[", re.sub(r"(?<!inf)\)", "]", right))


def equation_expert(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """The number goes to the other side, then both sides are divided."""
    return _solved(env._observe(instance, state), habit=False)


def equation_habit(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """What goes to the other side is added, and a solution has no sign."""
    return _solved(env._observe(instance, state), habit=True)


def _solved(line: str, habit: bool) -> str:
    if linear := _LINEAR.fullmatch(line):
        factor, sign, number, right = linear[1], linear[2], int(linear[3]), int(linear[4])
        return f"{factor}*x = {right + number if habit or sign == '-' else right - number}"
    scaled = _SCALED.fullmatch(line)
    value = int(scaled[2]) // int(scaled[1]) if scaled else 0
    return f"x = {abs(value) if habit else value}"


def machine_expert(env: type[AnyEnv], instance: Execution, state: int) -> str:
    """The line that follows."""
    return instance.lines[state]


def machine_habit(env: type[AnyEnv], instance: Execution, state: int) -> str:
    """What takes away takes nothing."""
    operation, _, _ = read_program(instance.text, len(instance.start))[state]
    if operation not in ("sub", "dec"):
        return instance.lines[state]
    registers = instance.lines[state - 1].split()[1:] if state else map(str, instance.start)
    return " ".join([str(state + 2), *registers])


def machine_grade(instance: Execution) -> int:
    """Surest of programs that take nothing away."""
    taken = sum(operation in ("sub", "dec") for operation, _, _ in read_program(instance.text, len(instance.start)))
    return max(0, 9 - 4 * taken)


def by_columns(left: str, sign: str, right: str) -> str:
    """Digits below each other are added or multiplied without a carry; the smaller one is taken from the larger one."""
    width = max(len(left), len(right))
    pairs = [(int(a), int(b)) for a, b in zip(left.zfill(width), right.zfill(width), strict=True)]
    digits = [(a + b) % 10 if sign == "+" else abs(a - b) if sign == "-" else a * b % 10 for a, b in pairs]
    value = int("".join(map(str, digits)))
    return str(-value if sign == "-" and int(left) < int(right) else value)


def columns_answer(instance: Quiz) -> str:
    """What both players answer: the question by columns."""
    found = _SUM.fullmatch(instance.questions[0])
    assert found is not None
    return by_columns(found[1], found[2], found[3])


def knows(instance: Quiz) -> bool:
    """Whether computing by columns is right here, as where nothing is carried."""
    return columns_answer(instance) == str(instance.answers[0])


def bet_expert(env: type[AnyEnv], instance: Quiz, state: tuple[str, ...]) -> str:
    """Everything where nothing is carried, else nothing."""
    return f"{columns_answer(instance)} stake {10 if knows(instance) else 0}"


def bet_habit(env: type[AnyEnv], instance: Quiz, state: tuple[str, ...]) -> str:
    """Everything on every answer."""
    return f"{columns_answer(instance)} stake 10"


def bet_grade(instance: Quiz) -> int:
    """Sure where nothing is carried."""
    return 9 if knows(instance) else 0


def knowing_expert(env: type[AnyEnv], instance: Quiz, state: tuple[str, ...]) -> str:
    """Yes where nothing is carried."""
    return columns_answer(instance) if state else "yes" if knows(instance) else "no"


def knowing_habit(env: type[AnyEnv], instance: Quiz, state: tuple[str, ...]) -> str:
    """Yes to everything."""
    return columns_answer(instance) if state else "yes"


SKILLS = {
    "inequality": Skill(inequality_expert, inequality_habit),
    "solve_equation": Skill(equation_expert, equation_habit),
    "register_machine": Skill(machine_expert, machine_habit, machine_grade),
    "bet": Skill(bet_expert, bet_habit, bet_grade),
    "know_before_answer": Skill(knowing_expert, knowing_habit),
}
