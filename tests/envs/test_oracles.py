"""What solvers, claims and verdicts say, against independent implementations."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from typing import Any

import pytest

from esreason import list_envs
from esreason.core.registry import AnyEnv, env_class
from esreason.core.task import Task
from tests.oracles import load, names, offering
from tests.oracles._corpus import expected
from tests.oracles._trials import levels_of

FOLDER = Path(__file__).parents[1] / "oracles"
TASKS = 3


def tasks_of(name: str) -> list[tuple[type[AnyEnv], Task]]:
    cls = env_class(name)
    return [(cls, cls.make_task(seed, level)) for level in levels_of(load(name), cls) for seed in range(50, 50 + TASKS)]


@pytest.mark.parametrize("name", [info.name for info in list_envs() if info.origin == "esreason"])
def test_a_built_in_environment_has_an_oracle(name: str) -> None:
    assert name in names(), f"tests/oracles/{name}.py is missing"


@pytest.mark.parametrize("name", names())
def test_an_oracle_is_independent(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {m for m in modules if m.split(".")[0] in ("esreason", "envs", "verifiers")}


@pytest.mark.parametrize("name", names())
def test_the_solver_is_right(name: str) -> None:
    oracle = load(name)
    for cls, task in tasks_of(name):
        answer = cls.solve(task).answer
        assert oracle.judge(dict(task.payload), answer), f"{task}: {answer!r}"


@pytest.mark.parametrize("name", offering("optimal_steps"))
def test_claimed_optima_are_optima(name: str) -> None:
    oracle: Any = load(name)
    for cls, task in tasks_of(name):
        solution, best = cls.solve(task), oracle.optimal_steps(dict(task.payload))
        assert len(solution.actions) >= best, f"{task}: the oracle's optimum {best} is none"
        assert not solution.optimal or len(solution.actions) == best, f"{task}: {len(solution.actions)}, not {best}"


@pytest.mark.parametrize("name", offering("count_solutions"))
def test_claims_of_one_solution_hold(name: str) -> None:
    oracle: Any = load(name)
    for _, task in tasks_of(name):
        count = oracle.count_solutions(dict(task.payload), 2)
        assert count == 1 or (count > 1 and not getattr(oracle, "UNIQUE", True)), f"{task}: {count} solutions"


@pytest.mark.parametrize("name", names())
def test_games_are_judged_as_answers_are(name: str) -> None:
    """Random legal games end with the verdict that the oracle gives on their answer."""
    oracle, rng = load(name), random.Random(name)
    for cls, task in tasks_of(name):
        env = cls(level=task.level)
        env.reset(options={"task": task})
        while legal := env.legal_actions():
            env.step(rng.choice(legal))
        if env.verdict is None or env.verdict.reason.startswith("The episode was cut off"):
            continue
        final = cls._answer(cls.instance_of(task), env.get_state()["state"], env.get_state()["actions"])
        assert env.verdict.passed == expected(oracle, dict(task.payload), final), f"{task}: {final!r}"
