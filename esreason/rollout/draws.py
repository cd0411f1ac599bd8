"""Several draws of the same tasks: pass@1, pass@k and the best of k."""

from __future__ import annotations

from collections.abc import Sequence

from esreason.core.statistics import pass_at_k
from esreason.rollout.episode import Episode


def by_task(episodes: Sequence[Episode], samples: int) -> list[Sequence[Episode]]:
    """The draws of each task, of episodes that stand task by task, `samples` of each in a row."""
    if len(episodes) % samples:
        raise ValueError(f"{len(episodes)} episodes are not {samples} of each task")
    return [episodes[i : i + samples] for i in range(0, len(episodes), samples)]


def rates(draws: Sequence[Sequence[Episode]]) -> dict[str, float]:
    """`pass@1`, `pass@k` and `best-of-k` (the mean over tasks of the highest score), k being the draws of a task."""
    k = len(draws[0])
    passes = [sum(bool(episode.verdict["passed"]) for episode in row) for row in draws]
    found = {f"pass@{size}": sum(pass_at_k(k, c, size) for c in passes) / len(draws) for size in sorted({1, k})}
    return {**found, f"best-of-{k}": sum(max(episode.score for episode in row) for row in draws) / len(draws)}
