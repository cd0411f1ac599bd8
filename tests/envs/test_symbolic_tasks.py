"""Symbolic tasks at their corners: solutions as players write them in both modes, tasks that can be played at all."""

from __future__ import annotations

from typing import Any

import pytest

import esreason
from esreason.core.registry import env_class

LINEAR = "solve_equation", {"equation": "2*x + 1 = 5", "variable": "x"}
SQUARE = "solve_equation", {"equation": "x^2 = 4", "variable": "x"}


@pytest.mark.parametrize(
    ("puzzle", "text", "right"),
    [
        *[(LINEAR, text, True) for text in ("x = 2", "x == 2", "x==2", "x = 4/2", "x == {2}", "{2}", "2", "$x = 2$")],
        *[(SQUARE, text, True) for text in ("x == 2 or x == -2", "x = 2 or x == -2", "x == 2, -2", "x = \\pm 2")],
        *[(LINEAR, text, False) for text in (
            "x === 2", "x = = 2", "2 == x", "x == 2 == 2", "x == 2 == True", "x == 2 or x == 3", "x == 2, x == 2",
            "x != 2", "x >= 2", "x := 2", "x == 3", "== 2", "2 == 2", "x == 2 or 2 == 2",
        )],
        *[(SQUARE, text, False) for text in ("x == 2", "x == 2 or x == 2", "x == 2 or", "x^2 == 4")],
    ],
)  # fmt: skip
def test_solutions_count_alike_in_one_answer_and_step_by_step(
    puzzle: tuple[str, dict[str, Any]], text: str, right: bool
) -> None:
    name, payload = puzzle
    task = esreason.task_from_payload(name, payload)
    assert esreason.verify(name, task, text).passed is right
    env = env_class(name)()
    env.reset(options={"task": task})
    observation, reward, *_ = env.step(text)
    assert (reward == 1.0) is right
    assert "==" not in observation


def test_a_system_reads_two_signs_as_one_in_both_modes() -> None:
    task = esreason.task_from_payload(
        "solve_system", {"equations": ["x + y = 3", "x - y = 1"], "variables": ["x", "y"]}
    )
    env = env_class("solve_system")()
    env.reset(options={"task": task})
    assert env.step("1: x == 2")[0] == "1: x = 2\n2: x - y = 1"
    assert env.step("2: y == 1")[1] == 1.0
    for text, right in (
        ("x == 2, y == 1", True), ("x = 2; y == 1", True), ("x === 2, y = 1", False), ("x = = 2, y = 1", False),
        ("x == 2 == 2, y = 1", False), ("x == 1, y == 2", False), ("x == 2, x == 2, y == 1", False),
    ):  # fmt: skip
        assert esreason.verify("solve_system", task, text).passed is right, text


@pytest.mark.parametrize("seed", [196, 413, 20_000, 20_202])
def test_a_function_without_values_becomes_no_task(seed: int) -> None:
    """The first draw of these seeds holds something like `cos(exp(exp(x^2 + 10)))`, which nothing evaluates."""
    task = esreason.make_task("differentiate", seed=seed, level=10)
    assert esreason.verify("differentiate", task, esreason.solve(task).answer).passed
