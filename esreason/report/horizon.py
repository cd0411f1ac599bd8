"""Success by horizon: how it falls with the steps that a task takes."""

from __future__ import annotations

from collections.abc import Sequence

BINS = 6


def bins(steps: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges of steps, ends included, that hold all tasks: one a value, or BINS of about equally many tasks."""
    values = sorted(set(steps))
    if len(values) <= BINS:
        return [(value, value) for value in values]
    found: list[tuple[int, int]] = []
    first, held = values[0], 0
    for value in values:
        held += steps.count(value)
        if held * BINS >= len(steps) * (len(found) + 1) or value == values[-1]:
            found.append((first, value))
            first = next((other for other in values if other > value), value)
    return found


def by_horizon(scores: Sequence[float], steps: Sequence[int]) -> list[tuple[int, int, float, int]]:
    """(fewest, most steps, mean score, tasks) of each bin; steps are the solver's, by task, as the scores are."""
    if len(steps) < len(scores):
        return []
    found = []
    steps = steps[: len(scores)]
    for low, high in bins(steps):
        inside = [score for score, step in zip(scores, steps, strict=True) if low <= step <= high]
        found.append((low, high, round(sum(inside) / len(inside), 4), len(inside)))
    return found
