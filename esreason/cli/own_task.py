"""The task of one's own that `--task` names."""

from __future__ import annotations

from pathlib import Path

from esreason.core.errors import UsageError
from esreason.core.task import Task


def read_task(env: str, files: tuple[Path, Path]) -> Task:
    """The task of a PDDL domain and problem file; UsageError with one sentence if it is none."""
    if env != "pddl":
        raise UsageError(f"--task DOMAIN PROBLEM belongs to --env pddl, not to {env}")
    from esreason.envs.planning.pddl import task_from_files

    return task_from_files(*files)
