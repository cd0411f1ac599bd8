"""Plans from the planners that unified-planning finds installed, for tasks that our own search gives up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
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
PROVING = 10
"""Seconds more for a plan that a planner guarantees to be a shortest one."""
AROUND = 20
"""Seconds more for reading, translating and starting processes."""

_WORKER = Path(__file__).with_name("pddl_worker.py")
_GAVE_UP = str(GaveUp())


def engine_plan(domain: str, problem: str, steps: int, proving: bool) -> tuple[list[str], str, bool]:
    """A plan that nobody has judged yet, of at most so many steps where one is found, and its planner. Raises NoPlan.

    Then whether a planner guarantees that none is shorter, which is tried if `proving`. The texts must be ones that
    `read` takes.
    """
    if find_spec("unified_planning") is None:
        raise NoPlan(f"{_GAVE_UP}; planners that search longer come with pip install 'esreason[planning]'")
    domain, problem = without_costs(domain, problem)
    request = {"domain": domain, "problem": problem, "steps": steps, "seconds": SECONDS,
               "proving": PROVING if proving else 0, "cpu": SECONDS + PROVING + AROUND}  # fmt: skip
    reply = _asked(json.dumps(request))
    engine, failed = str(reply["engine"]), reply.get("failed")
    if failed is None:
        return list(reply["plan"]), engine, reply.get("shortest") is True
    if failed == "engine":
        raise NoPlan(f"{_GAVE_UP}, and no planner for such a task is installed: pip install 'esreason[planning]'")
    if failed == "unsolvable":
        raise NoPlan(f"{_GAVE_UP}, and {engine} says that there is none")
    raise NoPlan(f"{_GAVE_UP}, nor by {engine} within {SECONDS} seconds")


def _asked(request: str) -> dict[str, Any]:
    """The last reply of a worker, which is a process of its own: some planners keep no time, and some litter."""
    line, seconds = [sys.executable, "-P", str(_WORKER)], SECONDS + PROVING + AROUND
    try:
        with TemporaryDirectory(prefix="esreason-", ignore_cleanup_errors=True) as folder:
            done = subprocess.run(line, input=request, capture_output=True, text=True, timeout=seconds, check=True,
                                  cwd=folder, env={**os.environ, "TMPDIR": folder})  # fmt: skip
        return _last(done.stdout)
    except subprocess.TimeoutExpired as late:
        told, sentence = late.stdout, f"nor by unified-planning within {seconds} seconds"
    except (subprocess.CalledProcessError, ValueError) as broken:  # what it cannot read, or a planner that breaks
        told, sentence = getattr(broken, "stdout", None), "and unified-planning cannot work on this task"
    with suppress(ValueError):  # it may have had a plan, and been looking for a shortest one
        return _last(told.decode() if isinstance(told, bytes) else told or "")
    raise NoPlan(f"{_GAVE_UP}, {sentence}")


def _last(told: str) -> dict[str, Any]:
    """The last whole line of a worker, a reply; ValueError if it is none."""
    return dict(json.loads(told.rpartition("\n")[0].rpartition("\n")[2]))


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
