"""No verifier accepts a wrong answer or refuses a right one, on texts near right answers, judged by its oracle."""

from __future__ import annotations

import pytest

from tests.oracles import load, names
from tests.oracles._trials import trial

WRONG, RIGHT = 300, 60


@pytest.mark.parametrize("name", names())
def test_the_verifier_agrees_with_its_oracle(name: str) -> None:
    scale = 4 if getattr(load(name), "EXPENSIVE", False) else 1
    tally = trial(name, WRONG // scale, RIGHT // scale)
    assert not tally.false_accepts and not tally.false_rejects, str(tally)
    assert tally.wrong >= WRONG // scale, f"only {tally.wrong} wrong answers were made"
    assert tally.right >= RIGHT // scale, f"only {tally.right} right answers were made"
    assert tally.slowest < 1.0, f"one verdict took {tally.slowest:.2f} CPU seconds"
