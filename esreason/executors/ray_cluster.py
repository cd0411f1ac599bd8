"""A Ray cluster: joining it, and what its machines have."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from typing import Any

import ray
from ray.exceptions import RayError

from esreason.core.errors import RunError

_AUTH = "RAY_AUTH_MODE"


def has_gpus(address: str) -> bool:
    """Whether the cluster at an address has GPUs; leaves it again."""
    joined = connect(address)
    try:
        return any(machine.get("GPU") for machine in machines())
    finally:
        if joined:
            ray.shutdown()


def connect(address: str, cpus: int = 1) -> bool:
    """Join a cluster, or start Ray with so many CPUs here; False if this process has joined one already."""
    if ray.is_initialized():
        return False
    options: dict[str, Any] = {"num_cpus": cpus} if address == "local" else {}
    try:
        ray.init(
            address=address, log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR, **options
        )  # fmt: skip
    except (ConnectionError, ValueError, RuntimeError, OSError, ImportError, RayError) as error:
        # A cluster takes up a token that lies about; who joins it must be told to, and hears only that he failed.
        token = "" if address == "local" or _AUTH in os.environ else f" (if it asks for a token, set {_AUTH}=token)"
        raise RunError(f"Ray cannot be reached at {address}: {line(error)}{token}") from None
    return True


def machines() -> list[dict[str, float]]:
    """What each living machine of the cluster has."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]


def room_of(machine: Mapping[str, float], cpus: int, gpus: float) -> int:
    """How many actors a machine has room for; Ray takes a part of a GPU from one GPU."""
    room, there = int(machine.get("CPU", 0)) // cpus, int(machine.get("GPU", 0))
    if gpus >= 1:
        return min(room, there // int(gpus))
    return min(room, there * math.floor(1 / gpus + 1e-9)) if gpus else room


def line(error: object) -> str:
    """An error as one line of bounded length."""
    return " ".join(str(error).split())[:300]
