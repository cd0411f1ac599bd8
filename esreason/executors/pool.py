"""The workers of a run: local processes or a Ray pool, closed when done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from esreason.core.machine import cores, need
from esreason.es.config import RunConfig
from esreason.es.executor import Executor
from esreason.es.strategies import strategy_class
from esreason.executors.places import gpus_of


@contextmanager
def pool(config: RunConfig, workers: int, ray: str | None = None, gpu: int | None = None) -> Iterator[Executor]:
    """`workers` workers (0: one a GPU on CUDA, else one a core); `ray` is None, "local" or a cluster's address.

    `gpu` is the only one that they use, if given; Ray hands its own out.
    """
    strategy_class(config.strategy).check_installed()
    if ray is not None:
        need("--ray", "ray", extra="ray")
        from esreason.executors.ray_pool import RayPool

        executor: Executor = RayPool(config, workers, ray)
    else:
        from esreason.executors.local import LocalPool

        gpus = gpus_of(config, gpu)
        executor = LocalPool(config, workers or len(gpus) or cores(), gpus)
    try:
        yield executor
    finally:
        executor.close()
