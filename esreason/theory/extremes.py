"""What the best of several members gains, beside what chance alone would."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

SIZES = (2, 5, 10, 20, 30, 50, 100)
"""Population sizes of a table of gains; those above the number of probed members are left out."""


def best_of(scores: NDArray[np.float64], n: int) -> float:
    """The expected best of n scores drawn without replacement: the mean over all subsets, exactly.

    The k-th smallest of M is the best of C(k - 1, n - 1) of the C(M, n) subsets.
    """
    ordered = np.sort(np.asarray(scores, dtype=np.float64))
    if not 1 <= n <= len(ordered):
        raise ValueError(f"a subset has 1 to {len(ordered)} of the scores, not {n}")
    weights = [math.comb(k, n - 1) / math.comb(len(ordered), n) for k in range(len(ordered))]
    return float(np.dot(weights, ordered))


@cache
def normal_best(n: int) -> float:
    """The expected largest of n standard normals: the integral of n x phi(x) Phi(x)^(n - 1)."""
    x = np.linspace(-12.0, 12.0, 24_001)
    density = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    below = np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in x])
    return float(np.trapezoid(n * x * density * below ** (n - 1), x))
