"""The process in which unified-planning looks for a plan: a request on standard input, a reply on standard output.

A script that imports nothing of this package, so that it starts wherever unified-planning does. A request is
{"domain": text, "problem": text, "steps": allowed, "seconds": for the search, "cpu": seconds for every process}; a
reply is {"plan": [action, ...], "engine": name}, or {"failed": "engine" | "search" | "unsolvable", "engine": name}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from typing import Any


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever an engine prints is no reply
    _limit(request["cpu"])
    reply = _planned(request["domain"], request["problem"], request["steps"], request["seconds"])
    with told:
        json.dump(reply, told)


def _limit(cpu: int) -> None:
    """No process that an engine starts outlives its time, not even where this one is killed."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _planned(domain: str, problem: str, steps: int, seconds: int) -> dict[str, Any]:
    """The first plan of at most so many steps, else the shortest that is found in the time."""
    from unified_planning.engines import PlanGenerationResultStatus
    from unified_planning.exceptions import UPNoSuitableEngineAvailableException
    from unified_planning.io import PDDLReader
    from unified_planning.plans import PlanKind
    from unified_planning.shortcuts import get_environment

    get_environment().credits_stream = None
    task = PDDLReader().parse_problem_string(domain, problem)
    try:
        planner, results = _results(task, seconds)
    except UPNoSuitableEngineAvailableException:
        return {"failed": "engine", "engine": ""}
    plan, proved = None, False
    with planner:
        for result in results:
            if result.plan is not None:
                found = result.plan.convert_to(PlanKind.SEQUENTIAL_PLAN, task).actions
                plan = found if plan is None or len(found) < len(plan) else plan
            proved = result.status == PlanGenerationResultStatus.UNSOLVABLE_PROVEN
            if plan is not None and len(plan) <= steps:
                break
        results.close()
    if plan is None:
        return {"failed": "unsolvable" if proved else "search", "engine": planner.name}
    named = [" ".join([step.action.name, *map(str, step.actual_parameters)]) for step in plan]
    return {"plan": [f"({name})" for name in named], "engine": planner.name}


def _results(task: Any, seconds: int) -> tuple[Any, Generator[Any, None, None]]:
    """A planner and what it finds: better and better plans, or one where no installed planner goes on searching."""
    from unified_planning.exceptions import UPNoSuitableEngineAvailableException
    from unified_planning.model.metrics import MinimizeSequentialPlanLength
    from unified_planning.shortcuts import AnytimePlanner, OneshotPlanner

    measured = task.clone()
    measured.add_quality_metric(MinimizeSequentialPlanLength())
    try:
        planner = AnytimePlanner(problem_kind=measured.kind, anytime_guarantee="INCREASING_QUALITY")
    except UPNoSuitableEngineAvailableException:
        planner = OneshotPlanner(problem_kind=task.kind)
        return planner, (planner.solve(task, timeout=seconds) for _ in range(1))
    return planner, planner.get_solutions(measured, timeout=seconds)


if __name__ == "__main__":
    main()
