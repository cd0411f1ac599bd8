"""Replaying a submission's episodes, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from esreason.core.errors import EsreasonError
from esreason.rollout.transcript import replay

CHUNK = 64
Progress = Callable[[int, int], None]
"""Told the episodes done and their total."""


def silent(done: int, total: int) -> None:
    """Report nothing."""


def first_difference(
    lines: Sequence[dict[str, Any]], mode: str, workers: int = 0, progress: Progress = silent
) -> tuple[int, str] | None:
    """The index of the first line that a replay contradicts and what is wrong with it; None if none."""
    chunks = [lines[i : i + CHUNK] for i in range(0, len(lines), CHUNK)]
    done = 0
    for problem, length in _results(chunks, mode, workers or _cores()):
        if problem is not None:
            return done + problem[0], problem[1]
        done += length
        progress(done, len(lines))
    return None


def _results(
    chunks: list[Sequence[dict[str, Any]]], mode: str, workers: int
) -> Iterator[tuple[tuple[int, str] | None, int]]:
    if workers < 2 or len(chunks) < 2 * workers:  # a process costs about half a second to start
        for chunk in chunks:
            yield _replay(chunk, mode), len(chunk)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        waiting = [pool.submit(_replay, chunk, mode) for chunk in chunks]
        for chunk, future in zip(chunks, waiting, strict=True):
            yield future.result(), len(chunk)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _replay(lines: Sequence[dict[str, Any]], mode: str) -> tuple[int, str] | None:
    for index, line in enumerate(lines):
        try:
            problem = replay(line, mode)
        except EsreasonError as error:
            problem = str(error)
        if problem is not None:
            return index, problem
    return None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
