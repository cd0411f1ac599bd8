"""Several draws of the same tasks: means by task, pass@1, pass@k and the best of k."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from esreason.core.statistics import pass_at_k

T = TypeVar("T")


def by_task(values: Sequence[T], samples: int) -> list[Sequence[T]]:
    """The draws of each task, of values that stand task by task, `samples` of each in a row."""
    if len(values) % samples:
        raise ValueError(f"{len(values)} episodes are not {samples} of each task")
    return [values[i : i + samples] for i in range(0, len(values), samples)]


def task_means(scores: Sequence[float], samples: int) -> list[float]:
    """The mean score of each task: draws of a task are no independent evidence, so intervals are over these."""
    return [sum(row) / samples for row in by_task(scores, samples)]


def rates(scores: Sequence[float], samples: int) -> dict[str, float]:
    """`pass@1`, and of several draws `pass@k` and `best-of-k` (the mean over tasks of the highest score); k = samples.

    A draw passes with the full score of 1.0.
    """
    draws = by_task(scores, samples)
    passes = [sum(score == 1.0 for score in row) for row in draws]
    found = {f"pass@{k}": sum(pass_at_k(samples, c, k) for c in passes) / len(draws) for k in sorted({1, samples})}
    return {**found, f"best-of-{samples}": sum(map(max, draws)) / len(draws)} if samples > 1 else found
