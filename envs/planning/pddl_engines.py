"""Plans from the planners that unified-planning finds installed, for tasks that our own search gives up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from esreason.envs.planning.pddl_solver import GaveUp
from esreason.envs.search import NoPlan
from esreason.verifiers.pddl import read
from esreason.verifiers.pddl_formula import CHANGES
from esreason.verifiers.pddl_grounding import read_functions
from esreason.verifiers.pddl_text import Expression, expression, written

SECONDS = 20
"""For the search of a planner."""
AROUND = 20
"""Seconds more for reading, translating and starting processes."""

_WORKER = Path(__file__).with_name("pddl_worker.py")
_GAVE_UP = str(GaveUp())


def engine_plan(domain: str, problem: str, steps: int) -> tuple[list[str], str]:
    """A plan that nobody has judged yet, of at most so many steps where one is found, and its planner. Raises NoPlan.

    The texts must be ones that `read` takes.
    """
    if find_spec("unified_planning") is None:
        raise NoPlan(f"{_GAVE_UP}; planners that search longer come with pip install 'esreason[planning]'")
    domain, problem = without_costs(domain, problem)
    request = {"domain": domain, "problem": problem, "steps": steps, "seconds": SECONDS, "cpu": SECONDS + AROUND}
    reply = _asked(json.dumps(request))
    engine, failed = str(reply["engine"]), reply.get("failed")
    if failed is None:
        return list(reply["plan"]), engine
    if failed == "engine":
        raise NoPlan(f"{_GAVE_UP}, and no planner for such a task is installed: pip install 'esreason[planning]'")
    if failed == "unsolvable":
        raise NoPlan(f"{_GAVE_UP}, and {engine} says that there is none")
    raise NoPlan(f"{_GAVE_UP}, nor by {engine} within {SECONDS} seconds")


def _asked(request: str) -> dict[str, Any]:
    """The reply of a worker, which is a process of its own: some planners keep no time, and some litter."""
    line, seconds = [sys.executable, "-P", str(_WORKER)], SECONDS + AROUND
    try:
        with TemporaryDirectory(prefix="esreason-", ignore_cleanup_errors=True) as folder:
            done = subprocess.run(line, input=request, capture_output=True, text=True, timeout=seconds, check=True,
                                  cwd=folder, env={**os.environ, "TMPDIR": folder})  # fmt: skip
        return dict(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        raise NoPlan(f"{_GAVE_UP}, nor by unified-planning within {seconds} seconds") from None
    except (subprocess.CalledProcessError, ValueError):  # what it cannot read, or a planner that breaks
        raise NoPlan(f"{_GAVE_UP}, and unified-planning cannot work on this task") from None


def without_costs(domain: str, problem: str) -> tuple[str, str]:
    """The texts without comments, the metric and the functions that no condition depends on.

    A plan is a plan whatever it costs, and most planners take no numbers.
    """
    lifted = read(domain, problem)
    kept = read_functions(lifted)

    def pruned(item: Expression) -> Expression:
        if isinstance(item, str):
            return item
        if len(item) == 3 and item[0] in CHANGES and isinstance(item[1], list) and item[1][0] not in kept:
            return ["and"]
        if item[:1] == [":functions"]:
            return [":functions", *(part for part in item[1:] if isinstance(part, list) and part[0] in kept)]
        return [pruned(part) for part in item if not _drops(part, kept)]

    return written(pruned(expression(domain))), written(pruned(expression(problem)))


def _drops(item: Expression, kept: set[str]) -> bool:
    """Whether an expression is the metric, or says of a function that is not kept that it exists or what it is."""
    if isinstance(item, str):
        return False
    if item[:1] == [":functions"]:
        return not kept
    valued = item[:1] == ["="] and isinstance(item[1], list) and isinstance(item[2], str)
    return item[:1] == [":metric"] or (valued and item[1][0] not in kept)
