"""Environments, verifiers, evolution strategies and a replayed leaderboard for reasoning with language models."""

from __future__ import annotations

from esreason.core.contracts import check_env as check_env
from esreason.core.contracts import check_verifier as check_verifier
from esreason.core.env import ReasoningEnv as ReasoningEnv
from esreason.core.errors import EsreasonError as EsreasonError
from esreason.core.errors import IllegalAction as IllegalAction
from esreason.core.plan import PlanEnv as PlanEnv
from esreason.core.registry import EnvInfo as EnvInfo
from esreason.core.registry import announce_plugins as _announce_plugins
from esreason.core.registry import list_envs as list_envs
from esreason.core.registry import list_verifiers as list_verifiers
from esreason.core.registry import make_task as make_task
from esreason.core.registry import register_env as register_env
from esreason.core.registry import register_verifier as register_verifier
from esreason.core.registry import solve as solve
from esreason.core.registry import task_from_payload as task_from_payload
from esreason.core.registry import verify as verify
from esreason.core.task import Task as Task
from esreason.core.verdict import Solution as Solution
from esreason.core.verdict import Verdict as Verdict
from esreason.envs.catalogue import register as _register_catalogue

__version__ = "0.1.0"

__all__ = [
    "EnvInfo", "EsreasonError", "IllegalAction", "PlanEnv", "ReasoningEnv", "Solution", "Task", "Verdict",
    "__version__", "check_env", "check_verifier", "list_envs", "list_verifiers", "make_task", "register_env",
    "register_verifier", "solve", "task_from_payload", "verify",
]  # fmt: skip

_register_catalogue()
_announce_plugins()
