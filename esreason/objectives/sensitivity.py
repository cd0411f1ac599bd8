"""How well a model's judgements tell its right answers from its wrong ones, with intervals, from its transcripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

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
}
"""d_prime and information are of type 2; alignment is the share of judgements that came true."""


def measured(correct: Sequence[bool], grades: Sequence[float]) -> dict[str, Any]:
    """Every measure as {value, ci95} and the number of judgements.

    The intervals are percentiles of a bootstrap over tasks with a fixed seed. A d' of rates near 0 or 1 is bounded
    by their clipping alone, and so are its intervals.
    """
    c, g = np.asarray(correct, dtype=bool), np.asarray(grades, dtype=np.float64)
    draws = np.random.default_rng(0).integers(0, len(c), (RESAMPLES, len(c)))
    made: dict[str, Any] = {"n": len(c)}
    for name, measure in MEASURES.items():
        low, high = np.percentile([measure(c[d].tolist(), g[d].tolist()) for d in draws], [2.5, 97.5])
        value = measure(c.tolist(), g.tolist())
        made[name] = {"value": round(value, DIGITS), "ci95": [round(float(low), DIGITS), round(float(high), DIGITS)]}
    return made


def sensitivity(lines: Iterable[dict[str, Any]], judgement: str) -> dict[str, dict[str, Any]]:
    """Phase -> measures of transcript lines whose first action is a judgement of this kind."""
    phases: dict[str, list[tuple[bool, float]]] = {}
    for line in lines:
        phases.setdefault(line["phase"], []).append(judged(judgement, line))
    return {phase: measured(*zip(*pairs, strict=True)) for phase, pairs in phases.items()}
