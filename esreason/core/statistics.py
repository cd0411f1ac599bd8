"""Success rates: their intervals, those of means over seeds, and pass@k."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

import numpy as np


def wilson(successes: float, n: float, z: float = 1.959963984540054) -> tuple[float, float]:
    """The Wilson score interval of a proportion (95 % by default), in [0, 1]; (0, 1) for n = 0."""
    if n <= 0:
        return 0.0, 1.0
    p = successes / n
    denominator = 1.0 + z * z / n
    centre = (p + z * z / (2 * n)) / denominator
    half = z * math.sqrt(p * (1.0 - p) / n + z * z / (4 * n * n)) / denominator
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return low if successes > 0 else 0.0, high if successes < n else 1.0  # exactly, which the roots just miss


def summary_of(scores: Sequence[float]) -> dict[str, Any]:
    """Mean score, its Wilson 95 % interval and n, as a run writes them."""
    low, high = wilson(sum(scores), len(scores))
    return {"score": float(np.mean(scores)) if len(scores) else 0.0, "ci95": [low, high], "n": len(scores)}


# The 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom.
_T = (
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
    2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
    2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272,
)  # fmt: skip


def t_quantile(free: int) -> float:
    """The 97.5 % quantile of Student's t for this many degrees of freedom, from 1 on.

    Beyond 30 it is its expansion in 1 / free to the second order (Abramowitz and Stegun 26.7.5), right to 0.0002.
    """
    return _T[free - 1] if free <= len(_T) else 1.959964 + 2.372271 / free + 2.822498 / free**2


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """Student's 95 % interval of the mean of independent values, such as one a seed.

    A single value has no interval: ValueError.
    """
    if len(values) < 2:
        raise ValueError("an interval over seeds needs at least two of them")
    half = t_quantile(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def pass_at_k(n: int, c: int, k: int) -> float:
    """The chance that at least one of k samples passes, from c passes in n: 1 - C(n - c, k) / C(n, k).

    The unbiased estimator of Chen et al. 2021 (arXiv:2107.03374, section 2.1).
    """
    if not (0 <= c <= n and 1 <= k <= n):
        raise ValueError(f"pass@k needs 0 <= c <= n and 1 <= k <= n, not n={n}, c={c}, k={k}")
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)
