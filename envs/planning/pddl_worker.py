"""The process in which unified-planning looks for a plan: a request on standard input, replies on standard output.

A script that imports nothing of this package, so that it starts wherever unified-planning does. A request is
{"domain": text, "problem": text, "steps": allowed, "seconds": for the search, "proving": seconds more for a shortest
plan, "cpu": seconds for every process}. A reply is a line, of which the last counts: {"plan": [action, ...], "engine":
name, "shortest": whether it guarantees that}, or {"failed": "engine" | "search" | "unsolvable", "engine": name}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator, Iterator
from typing import Any


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever an engine prints is no reply
    _limit(request["cpu"])
    with told:
        for reply in _replies(request):
            told.write(json.dumps(reply) + "\n")
            told.flush()


def _replies(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The plan that is found first, then one that an engine guarantees to be a shortest, if one does in the time."""
    task = _task(request["domain"], request["problem"])
    first = _planned(task, request["steps"], request["seconds"])
    yield first
    shortest = _shortest(task, request["proving"]) if "plan" in first and request["proving"] else None
    if shortest:
        yield shortest


def _limit(cpu: int) -> None:
    """No process that an engine starts outlives its time, not even where this one is killed."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _task(domain: str, problem: str) -> Any:
    from unified_planning.io import PDDLReader
    from unified_planning.shortcuts import get_environment

    get_environment().credits_stream = None
    return PDDLReader().parse_problem_string(domain, problem)


def _written(plan: Any, task: Any) -> list[str]:
    from unified_planning.plans import PlanKind

    steps = plan.convert_to(PlanKind.SEQUENTIAL_PLAN, task).actions
    return [f"({' '.join([step.action.name, *map(str, step.actual_parameters)])})" for step in steps]


def _planned(task: Any, steps: int, seconds: int) -> dict[str, Any]:
    """The first plan of at most so many steps, else the shortest that is found in the time."""
    from unified_planning.engines import PlanGenerationResultStatus
    from unified_planning.exceptions import UPNoSuitableEngineAvailableException

    try:
        planner, results = _results(task, seconds)
    except UPNoSuitableEngineAvailableException:
        return {"failed": "engine", "engine": ""}
    plan, proved = None, False
    with planner:
        for result in results:
            if result.plan is not None:
                found = _written(result.plan, task)
                plan = found if plan is None or len(found) < len(plan) else plan
            proved = result.status == PlanGenerationResultStatus.UNSOLVABLE_PROVEN
            if plan is not None and len(plan) <= steps:
                break
        results.close()
    if plan is None:
        return {"failed": "unsolvable" if proved else "search", "engine": planner.name}
    return {"plan": plan, "engine": planner.name, "shortest": False}


def _shortest(task: Any, seconds: int) -> dict[str, Any] | None:
    """A plan that an engine guarantees to be a shortest one; None where none does."""
    from unified_planning.engines import PlanGenerationResultStatus
    from unified_planning.exceptions import UPNoSuitableEngineAvailableException
    from unified_planning.shortcuts import OneshotPlanner

    measured = _measured(task)
    try:
        planner = OneshotPlanner(problem_kind=measured.kind, optimality_guarantee="SOLVED_OPTIMALLY")
    except UPNoSuitableEngineAvailableException:
        return None
    with planner:
        result = planner.solve(measured, timeout=seconds)
    if result.status != PlanGenerationResultStatus.SOLVED_OPTIMALLY:
        return None
    return {"plan": _written(result.plan, measured), "engine": planner.name, "shortest": True}


def _measured(task: Any) -> Any:
    """The task with plans measured by their length."""
    from unified_planning.model.metrics import MinimizeSequentialPlanLength

    measured = task.clone()
    measured.add_quality_metric(MinimizeSequentialPlanLength())
    return measured


def _results(task: Any, seconds: int) -> tuple[Any, Generator[Any, None, None]]:
    """A planner and what it finds: better and better plans, or one where no installed planner goes on searching."""
    from unified_planning.exceptions import UPNoSuitableEngineAvailableException
    from unified_planning.shortcuts import AnytimePlanner, OneshotPlanner

    measured = _measured(task)
    try:
        planner = AnytimePlanner(problem_kind=measured.kind, anytime_guarantee="INCREASING_QUALITY")
    except UPNoSuitableEngineAvailableException:
        planner = OneshotPlanner(problem_kind=task.kind)
        return planner, (planner.solve(task, timeout=seconds) for _ in range(1))
    return planner, planner.get_solutions(measured, timeout=seconds)


if __name__ == "__main__":
    main()
