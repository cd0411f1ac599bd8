"""The workers of a run: local processes or a Ray pool, closed when done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from esreason.core.machine import cores, need
from esreason.es.config import RunConfig
from esreason.es.executor import Executor
from esreason.es.strategies import strategy_class


@contextmanager
def pool(config: RunConfig, workers: int, ray: str | None = None) -> Iterator[Executor]:
    """`workers` workers (0: one a core) for a run; `ray` is None, "local" or a cluster's address."""
    strategy_class(config.strategy).check_installed()
    if ray is not None:
        need("--ray", "ray", extra="ray")
        from esreason.executors.ray_pool import RayPool

        executor: Executor = RayPool(config, workers or cores(), ray)
    else:
        from esreason.executors.local import LocalPool

        executor = LocalPool(config, workers or cores())
    try:
        yield executor
    finally:
        executor.close()
