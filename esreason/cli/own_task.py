"""The tasks of one's own that `--task` names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from esreason.core.errors import UsageError
from esreason.core.task import Task


def only_with_task(limit: int | None) -> None:
    """UsageError if a limit is given where there is no task for it."""
    if limit is not None:
        raise UsageError("--limit belongs to --task: the steps of generated tasks are part of them")


def read_task(env: str, files: tuple[Path, Path], limit: int | None = None) -> Task:
    """The task of a PDDL domain and problem file; UsageError with one sentence if it is none."""
    if env != "pddl":
        raise UsageError(f"--task DOMAIN PROBLEM belongs to --env pddl, not to {env}")
    from esreason.envs.planning.pddl import task_from_files

    return task_from_files(*files, limit)


def read_tasks(env: str, files: tuple[Path, Path], limit: int | None = None) -> list[Task]:
    """The task of a problem file, or those of all *.pddl files in a folder but the domain's, by name."""
    domain, problems = files
    if not problems.is_dir():
        return [read_task(env, files, limit)]
    found = [path for path in sorted(problems.glob("*.pddl")) if not (domain.exists() and path.samefile(domain))]
    if not found:
        raise UsageError(f"there is no problem in {problems}: no file but the domain's ends in .pddl")
    return [read_task(env, (domain, path), limit) for path in found]


def own_settings(files: tuple[Path, Path], limit: int | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that make a run one of the tasks in these files; it keeps their texts."""
    from esreason.es.given import given_text

    if settings.get("level") is not None:
        raise UsageError("a --level belongs to generated tasks: leave it out with --task")
    env = str(settings.get("env", "pddl"))
    return {"env": env, "given": given_text(read_tasks(env, files, limit))}
