"""What a piece of work costs: it runs in a process of its own, whose clock and memory are read at the end."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver
from typing import Any


def metered(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """What `work(*arguments)` returns, with `seconds`, `cpu_seconds` and `peak_mb` added.

    The figures are those of a fresh process and its children, from its first line to its last: interpreter and
    libraries included. The memory is the process's own peak plus that of its largest child.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as process:
        return process.submit(_measure, work, *arguments).result()


def _measure(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    import resource

    began = time.monotonic()
    row = work(*arguments)
    # A pool's workers are children of the process that forks them, and count once that has ended.
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there, in kilobytes elsewhere
    return {
        **row, "seconds": round(time.monotonic() - began, 2),
        "cpu_seconds": round(own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 2),
        "peak_mb": round((own.ru_maxrss + children.ru_maxrss) / unit),
    }  # fmt: skip
