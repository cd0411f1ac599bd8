"""Verdicts hold together, and what a verifier returns becomes one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esreason.core.verdict import Verdict, accept, as_verdict, reject


@pytest.mark.parametrize(("score", "passed"), [(1, True), (True, True), (math.nan, False), (1.1, False), (-0.1, False)])
def test_a_score_is_a_float_between_0_and_1(score: Any, passed: bool) -> None:
    with pytest.raises(ValueError, match="a score is a float"):
        Verdict(score, passed, "")


@pytest.mark.parametrize(("score", "passed"), [(1.0, False), (0.999, True), (0.0, True)])
def test_passed_means_score_1(score: float, passed: bool) -> None:
    with pytest.raises(ValueError, match=r"passed means score 1\.0"):
        Verdict(score, passed, "")


def test_accept_and_reject() -> None:
    assert accept([1]).to_dict() == {"score": 1.0, "passed": True, "reason": "The answer is right."}
    assert reject("No.").to_dict() == {"score": 0.0, "passed": False, "reason": "No."}
    assert accept([1]).parsed == [1] and reject("No.").parsed is None


@pytest.mark.parametrize(
    ("value", "score"),
    [(True, 1.0), (False, 0.0), (1.0, 1.0), (0.0, 0.0), (0.25, 0.25), (reject("No."), 0.0), (accept(1), 1.0)],
)
def test_usable_values_keep_their_score(value: Any, score: float) -> None:
    verdict = as_verdict(value)
    assert verdict.score == score and verdict.passed == (score == 1.0) and verdict.reason


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, 1.0000001, -1e-9, 2.0, 1, 0, 7, None, "1.0", b"1", [1.0], {"score": 1.0}, (1.0,),
     1 + 0j, np.float32(1.0), np.bool_(True), object(), Verdict, NotImplemented],
)  # fmt: skip
def test_anything_else_scores_nothing_and_says_why(value: Any) -> None:
    verdict = as_verdict(value)
    assert (verdict.score, verdict.passed, verdict.parsed) == (0.0, False, None)
    assert verdict.reason.startswith("The verifier returned") and verdict.reason.endswith(".")


@given(st.floats())
def test_every_float_becomes_a_verdict(value: float) -> None:
    verdict = as_verdict(value)
    assert verdict.score == (value if 0.0 <= value <= 1.0 else 0.0)
    assert verdict.passed == (verdict.score == 1.0)
