"""A board's rows as CSV."""

from __future__ import annotations

import csv

import pytest

from esreason.leaderboard.standing import Row
from esreason.report.board import board_csv


@pytest.mark.parametrize("player", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "plain", "-", 'a,"b"'])
def test_a_name_is_no_formula_and_a_dash_alone_stays(player: str) -> None:
    row = Row("sudoku", 0, 1, "steps", "test", "puzzles", player, "null", 0.5, (0.4, 0.6), 9, None, "computed", "-", "",
              None, None, None, [])  # fmt: skip
    [read] = csv.DictReader(board_csv([row]).splitlines())
    quoted = player[0] in "=+-@\t" and player != "-"
    assert read["player"] == ("'" if quoted else "") + player
    assert read["weights"] == "-"
