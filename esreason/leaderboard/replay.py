"""Replaying a submission's episodes, on all cores."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from esreason.core.errors import EsreasonError
from esreason.core.machine import cores
from esreason.rollout.judgement import without_judgement
from esreason.rollout.played import extra_steps
from esreason.rollout.transcript import replay

CHUNK = 64
WORTH = 2.0
"""Seconds of work from which processes pay; one costs about half a second to start."""
Progress = Callable[[int, int], None]
"""Told the episodes done and their total."""
Lines = Sequence[dict[str, Any]]
Extra = list[int | None]


class Different(Exception):
    """A replay contradicts the line of this index."""

    def __init__(self, index: int, problem: str) -> None:
        super().__init__(index, problem)
        self.index, self.problem = index, problem


def silent(done: int, total: int) -> None:
    """Report nothing."""


def replayed(
    lines: Lines, mode: str, judgement: str = "none", workers: int = 0, progress: Progress = silent
) -> Extra:
    """Each episode's steps beyond its optimum (see `extra_steps`); Different at the first that a replay contradicts."""
    chunks = [lines[i : i + CHUNK] for i in range(0, len(lines), CHUNK)]
    extra: Extra = []
    for found in _results(chunks, mode, judgement, workers or cores()):
        if isinstance(found, tuple):
            raise Different(len(extra) + found[0], found[1])
        extra += found
        progress(len(extra), len(lines))
    return extra


def _results(
    chunks: Sequence[Lines], mode: str, judgement: str, workers: int
) -> Iterator[Extra | tuple[int, str]]:
    """What each chunk gives: played here while little is left to do, else by processes."""
    began = time.monotonic()
    for place, chunk in enumerate(chunks):
        if workers > 1 and place and (time.monotonic() - began) / place * (len(chunks) - place) > WORTH:
            yield from _spread(chunks[place:], mode, judgement, workers)
            return
        yield _replay(chunk, mode, judgement)


def _spread(
    chunks: Sequence[Lines], mode: str, judgement: str, workers: int
) -> Iterator[Extra | tuple[int, str]]:
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        for future in [pool.submit(_replay, chunk, mode, judgement) for chunk in chunks]:
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _replay(lines: Lines, mode: str, judgement: str) -> Extra | tuple[int, str]:
    """The extra steps of the lines, or the index of the first difference and what is wrong."""
    extra: Extra = []
    for index, line in enumerate(lines):
        try:
            problem = replay(line, mode, judgement)
            extra.append(extra_steps(without_judgement(judgement, line), mode) if problem is None else None)
        except EsreasonError as error:
            problem = str(error)
        if problem is not None:
            return index, problem
    return extra
