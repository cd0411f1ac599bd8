"""Who plays what: every unit is answered once, lost ones go out again, and only slow ones are repeated."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from esreason.executors.round import SLOW, Round


def test_units_go_out_in_order_and_each_counts_once() -> None:
    order = Round(3, 2)
    assert [order.give(0.0), order.give(0.0), order.give(0.0)] == [(0, 0), (1, 1), None]
    assert order.answered(1, 1, 1.0)
    assert order.give(1.0) == (1, 2)
    assert order.missing == {0, 2}


def test_a_slow_unit_is_repeated_once_and_its_second_answer_ignored() -> None:
    order = Round(2, 3)
    order.give(0.0), order.give(0.0)
    assert order.give(5.0) is None and order.patience(5.0) is None  # nothing has ended: nobody knows what is slow
    assert order.answered(1, 1, 1.0)
    assert order.patience(1.5) == SLOW * 1.0 - 1.5
    assert order.give(1.5) is None
    assert order.give(2.0) == (2, 0)
    assert order.give(9.0) is None
    assert order.answered(2, 0, 3.0) and not order.missing
    assert not order.answered(0, 0, 50.0)


def test_a_lost_unit_is_the_next_to_go_out() -> None:
    order = Round(3, 2)
    order.give(0.0), order.give(0.0)
    order.lost(0, 0)
    assert order.give(1.0) is None  # nobody is there: its place is empty until somebody takes it
    order.joins(0)
    assert order.give(1.0) == (0, 0)
    order.lost(0, 0)
    assert order.answered(1, 1, 1.0)
    assert [order.give(2.0), order.give(2.0)] == [(1, 0), None]
    order.joins(2)
    assert order.give(3.0) == (2, 2)


@given(st.integers(1, 20), st.integers(1, 6), st.integers(0, 2**32))
def test_whatever_happens_every_unit_is_answered_once(units: int, workers: int, seed: int) -> None:
    order, random, now = Round(units, workers), Random(seed), 0.0
    running: list[tuple[int, int]] = []
    answers: list[int] = []
    away: list[int] = []
    while order.missing:
        while away and (not running or random.random() < 0.5):
            order.joins(away.pop())
        while (chosen := order.give(now)) is not None:
            running.append(chosen)
        assert running and len({worker for worker, _ in running}) == len(running)
        now += random.random()
        worker, unit = running.pop(random.randrange(len(running)))
        if random.random() < 0.2:
            order.lost(worker, unit)
            away.append(worker)
        elif order.answered(worker, unit, now):
            answers.append(unit)
    assert sorted(answers) == list(range(units))
