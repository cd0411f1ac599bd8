"""Verdicts on adversarial pairs, each asked in both directions and within a second of processor time."""

from __future__ import annotations

import time

import pytest

from esreason.verifiers.expressions import equal, parse
from tests.bounds import LONG
from tests.verifiers.expressions._adversarial import KINDS
from tests.verifiers.expressions._written_pairs import NOWHERE

NAMES = ("x", "y", "z")


def test_there_are_enough_pairs() -> None:
    pairs = {(a, b) for kind in KINDS.values() for a, b, _ in kind}
    assert len(pairs) == sum(map(len, KINDS.values())) >= 950


@pytest.mark.parametrize("kind", KINDS)
def test_adversarial_pairs(kind: str) -> None:
    for a, b, truth in KINDS[kind]:
        for left, right in ((a, b), (b, a)):
            begun = time.process_time()
            verdict = equal(parse(left, NAMES), parse(right, NAMES))
            assert verdict.result is truth, (left, right, verdict.how)
            assert time.process_time() - begun < LONG, (left, right)


@pytest.mark.parametrize("text", NOWHERE)
def test_what_has_no_value_equals_nothing(text: str) -> None:
    tree = parse(text, NAMES)
    for other in (tree, parse("0"), parse("1"), parse("x")):
        assert not equal(tree, other).result and not equal(other, tree).result


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("x*sqrt(x^2-10^-9)/sqrt(x^2-10^-9)", "x"),
        ("x+log((x-5)^2-10^-20)-log((x-5)^2-10^-20)", "x"),
        ("exp(log(x+10^30)) - 10^30", "x"),
        ("x + 0*asin(x/10^12)", "x"),
    ],
)
def test_a_small_or_distant_gap_in_the_domain_is_found(answer: str, reference: str) -> None:
    tree, other = parse(answer), parse(reference)
    assert equal(tree, other).result
    verdict = equal(tree, other, covering=True)
    assert not verdict.result and "has no real value" in verdict.how
