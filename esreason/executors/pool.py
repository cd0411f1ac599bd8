"""The workers of a run: local processes or a Ray pool, closed when done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from esreason.core.errors import UsageError
from esreason.es.config import RunConfig
from esreason.es.executor import Executor


@contextmanager
def pool(config: RunConfig, workers: int, ray: str | None = None) -> Iterator[Executor]:
    """`workers` workers (0: one a core) for a run; `ray` is None, "local" or a cluster's address."""
    if ray is not None:
        try:
            from esreason.executors.ray_pool import RayPool
        except ModuleNotFoundError as error:
            if error.name != "ray":
                raise
            raise UsageError("--ray needs Ray: pip install 'esreason[ray]'") from None
        executor: Executor = RayPool(config, workers or cores(), ray)
    else:
        from esreason.executors.local import LocalPool

        executor = LocalPool(config, workers or cores())
    try:
        yield executor
    finally:
        executor.close()


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
