"""How well a model's judgements tell its right answers from its wrong ones, with intervals, from its transcripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esreason.objectives import metacognition as m
from esreason.rollout.judgement import judged

RESAMPLES = 1_000
DIGITS = 6
"""Digits that are kept, so that the last bits of a machine's arithmetic cannot be told from the record."""

Measure = Callable[[Sequence[bool], Sequence[float]], float]


def _says(measure: Callable[[Sequence[bool], Sequence[bool]], float]) -> Measure:
    """A measure of yes and no, of grades: a grade above one half counts as yes."""
    return lambda correct, grades: measure(correct, [grade > 0.5 for grade in grades])


MEASURES: dict[str, Measure] = {
    "accuracy": lambda correct, grades: float(np.mean(correct)),
    "confidence": lambda correct, grades: float(np.mean(grades)),
    "d_prime": _says(m.type2_d_prime),
    "auroc": m.type2_auroc,
    "gamma": m.goodman_kruskal,
    "information": _says(m.relative_meta_information),
    "alignment": _says(lambda correct, says: float(np.mean(np.asarray(correct) == np.asarray(says)))),
    "calibration_error": m.calibration_error,
    "meta_d_prime": _says(m.estimated_meta_d_prime),
    "m_ratio": _says(m.m_ratio),
}
"""d_prime and information are of type 2; alignment is the share of judgements that came true.

meta_d_prime and m_ratio say how much of it the success leaves room for; they cannot be estimated of every sample.
"""

LATER = ("meta_d_prime", "m_ratio")
"""Measures younger than the first results with judgements, which have none of them."""
MOST_LOST = 0.05
"""The share of resamples without an estimate up to which an interval is taken over the others."""


def measured(correct: Sequence[bool], grades: Sequence[float]) -> dict[str, Any]:
    """Every measure as {value, ci95} and the number of judgements.

    Where a sample, or more than `MOST_LOST` of the resamples, tell nothing of a measure, its value or its interval is
    None and `reason` says why. The intervals are percentiles of a bootstrap over tasks with a fixed seed. A d' of rates
    near 0 or 1 is bounded by their clipping alone, and so are its intervals.
    """
    c, g = np.asarray(correct, dtype=bool), np.asarray(grades, dtype=np.float64)
    draws = np.random.default_rng(0).integers(0, len(c), (RESAMPLES, len(c)))
    made: dict[str, Any] = {"n": len(c)}
    for name, measure in MEASURES.items():
        made[name] = _estimate(measure, c, g, draws)
    return made


def _estimate(
    measure: Measure, c: NDArray[np.bool_], g: NDArray[np.float64], draws: NDArray[np.int64]
) -> dict[str, Any]:
    try:
        value = round(measure(c.tolist(), g.tolist()), DIGITS)
    except m.NotEstimable as error:
        return {"value": None, "ci95": None, "reason": str(error)}
    found = []
    for draw in draws:
        with suppress(m.NotEstimable):
            found.append(measure(c[draw].tolist(), g[draw].tolist()))
    lost = len(draws) - len(found)
    if lost > MOST_LOST * len(draws):
        return {"value": value, "ci95": None, "reason": f"{lost} of {len(draws)} resamples have no estimate"}
    low, high = np.percentile(found, [2.5, 97.5])
    return {"value": value, "ci95": [round(float(low), DIGITS), round(float(high), DIGITS)]}


def sensitivity(lines: Iterable[dict[str, Any]], judgement: str) -> dict[str, dict[str, Any]]:
    """Phase -> measures of transcript lines whose first action is a judgement of this kind."""
    phases: dict[str, list[tuple[bool, float]]] = {}
    for line in lines:
        phases.setdefault(line["phase"], []).append(judged(judgement, line))
    return {phase: measured(*zip(*pairs, strict=True)) for phase, pairs in phases.items()}
