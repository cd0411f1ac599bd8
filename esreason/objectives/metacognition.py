"""How well judgements about answers tell right ones from wrong ones; every measure is finite for every sample."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CLIP = 1e-4
"""Rates are kept this far from 0 and 1, as in the literature on type-2 sensitivity of language models."""

MAX_D_PRIME = NormalDist().inv_cdf(1 - CLIP) - NormalDist().inv_cdf(CLIP)
"""The largest type-2 d' that the clipping leaves, 7.438."""

MAX_META_D = 10.0
"""The bound of meta-d': at this d' an observer errs once in 3.5 million answers."""


class NotEstimable(ValueError):
    """A sample tells nothing of a measure; the message says why."""


def _arrays(correct: Sequence[bool], judged: Sequence[float]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    c, y = np.asarray(correct, dtype=bool), np.asarray(judged, dtype=np.float64)
    if c.shape != y.shape or c.ndim != 1:
        raise ValueError("there is one judgement for each answer")
    if not np.isfinite(y).all():
        raise ValueError("a judgement is a finite number")
    return c, y


def type2_rates(correct: Sequence[bool], confident: Sequence[bool]) -> tuple[float, float] | None:
    """Shares of confident judgements among right and among wrong answers; None where one of them is a share of none."""
    c, y = _arrays(correct, confident)
    if c.all() or not c.any():
        return None
    return float(y[c].mean()), float(y[~c].mean())


def type2_d_prime(correct: Sequence[bool], confident: Sequence[bool]) -> float:
    """z(hits) - z(false alarms) of yes-no judgements, rates clipped to [CLIP, 1 - CLIP].

    0 where all answers are right or all wrong: such a sample says nothing of sensitivity.
    """
    rates = type2_rates(correct, confident)
    if rates is None:
        return 0.0
    hit, alarm = (min(max(rate, CLIP), 1 - CLIP) for rate in rates)
    return NormalDist().inv_cdf(hit) - NormalDist().inv_cdf(alarm)


def type1_d_prime(correct: Sequence[bool]) -> float:
    """2 z(accuracy), clipped: the d' of an unbiased observer of two choices; 0 for an empty sample."""
    c, _ = _arrays(correct, [0.0] * len(correct))
    return 2 * NormalDist().inv_cdf(min(max(float(c.mean()), CLIP), 1 - CLIP)) if len(c) else 0.0


def meta_d_prime(correct: Sequence[bool], confident: Sequence[bool]) -> float:
    """The d' at which an ideal unbiased observer of two choices is confident as often, among right and wrong answers.

    In units of `type1_d_prime`, whatever the accuracy (Maniscalco and Lau, Consciousness and Cognition 21, 2012).
    Evidence for the right choice is normal with mean d/2; the answer is right where it is positive, confident where
    its size exceeds a criterion. One yes-no judgement a trial leaves no degree of freedom, so the fit is exact, by
    bisection over d. 0 where all answers are right or all wrong; bounded by `MAX_META_D`.
    """
    rates = type2_rates(correct, confident)
    if rates is None:
        return 0.0
    hit, alarm = (min(max(rate, CLIP), 1 - CLIP) for rate in rates)
    return _meta_d_prime(hit, alarm)


@lru_cache(maxsize=4_096)
def _meta_d_prime(hit: float, alarm: float) -> float:
    """Kept, for a bootstrap asks of the same rates for every measure."""
    low, high = -MAX_META_D, MAX_META_D
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _false_alarms(middle, hit) > alarm else (low, middle)
    return (low + high) / 2


def estimated_meta_d_prime(correct: Sequence[bool], confident: Sequence[bool]) -> float:
    """`meta_d_prime`; NotEstimable where every value fits the sample as well, instead of 0."""
    c, y = _arrays(correct, confident)
    if c.all() or not c.any():
        raise NotEstimable(f"all answers are {'right' if len(c) and c.all() else 'wrong'}")
    if (y > 0.5).all() or not (y > 0.5).any():
        raise NotEstimable(f"all judgements are {'yes' if (y > 0.5).all() else 'no'}")
    return meta_d_prime(correct, confident)


def m_ratio(correct: Sequence[bool], confident: Sequence[bool]) -> float:
    """meta-d' / d', how much of what the answers show to be known the judgements tell; 1 for an ideal observer.

    d' is `type1_d_prime`, that of two choices. NotEstimable where it is not above 0 or meta-d' cannot be estimated.
    """
    meta, d = estimated_meta_d_prime(correct, confident), type1_d_prime(correct)
    if d <= 0:
        raise NotEstimable("at most half of the answers are right: d' is not above 0")
    return meta / d


def _false_alarms(d: float, hit: float) -> float:
    """How often the ideal observer is confident of wrong answers if it is so of right ones at this rate."""
    normal = NormalDist()
    criterion = d / 2 - normal.inv_cdf(hit * normal.cdf(d / 2))
    return normal.cdf(-d / 2 - criterion) / normal.cdf(-d / 2)


def type2_auroc(correct: Sequence[bool], confidence: Sequence[float]) -> float:
    """The chance that a right answer has more confidence than a wrong one, ties half; 1/2 where one kind is missing."""
    c, y = _arrays(correct, confidence)
    right, wrong = y[c], np.sort(y[~c])
    if not len(right) or not len(wrong):
        return 0.5
    below = np.searchsorted(wrong, right, side="left")
    up_to = np.searchsorted(wrong, right, side="right")
    return float((below + up_to).mean() / (2 * len(wrong)))


def goodman_kruskal(correct: Sequence[bool], confidence: Sequence[float]) -> float:
    """Gamma: concordant minus discordant pairs of a right and a wrong answer over both, ties apart; 0 without any."""
    c, y = _arrays(correct, confidence)
    right, wrong = y[c], np.sort(y[~c])
    concordant = int(np.searchsorted(wrong, right, side="left").sum())
    discordant = int((len(wrong) - np.searchsorted(wrong, right, side="right")).sum())
    return (concordant - discordant) / max(1, concordant + discordant)


def _entropy(shares: NDArray[np.float64]) -> float:
    kept = shares[shares > 0]
    return float(-(kept * np.log2(kept)).sum())


def relative_meta_information(correct: Sequence[bool], confident: Sequence[bool]) -> float:
    """I(correct; confident) / H(correct): the share of what there is to know that the judgement tells, in [0, 1].

    0 where all answers are right or all wrong. The plug-in estimate is biased upwards by about 1 / (2 n ln 2 H).
    """
    c, y = _arrays(correct, confident)
    if c.all() or not c.any():
        return 0.0
    joint = np.array([[np.mean((c == a) & ((y > 0.5) == b)) for b in (False, True)] for a in (False, True)])
    of_correct = _entropy(joint.sum(axis=1))
    shared = of_correct + _entropy(joint.sum(axis=0)) - _entropy(joint.ravel())
    return min(max(shared / of_correct, 0.0), 1.0)


def calibration_error(correct: Sequence[bool], probability: Sequence[float], bins: int = 10) -> float:
    """The expected calibration error over bins of equal width; 0 for an empty sample."""
    c, p = _arrays(correct, probability)
    if bins < 1 or ((p < 0) | (p > 1)).any():
        raise ValueError("there is at least one bin, and probabilities lie in [0, 1]")
    if not len(c):
        return 0.0
    place = np.minimum((p * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.abs(np.bincount(place, weights=c, minlength=bins) - np.bincount(place, weights=p, minlength=bins))
    return float(gap[count > 0].sum() / len(c))
