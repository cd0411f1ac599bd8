"""Errors carry one sentence and an exit code."""

from __future__ import annotations

import pytest

from esreason.core import errors
from esreason.core.errors import EsreasonError, UnknownNameError, UsageError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EsreasonError)]


@pytest.mark.parametrize("kind", KINDS)
def test_exit_codes(kind: type[EsreasonError]) -> None:
    assert kind.exit_code == (2 if issubclass(kind, UsageError) else 1)


def test_wrong_calls_are_value_errors() -> None:
    assert issubclass(UsageError, ValueError)


@pytest.mark.parametrize(
    ("name", "near"),
    [("sudoko", "'sudoku'"), ("Sudoku", "'sudoku'"), ("soduku", "'sudoku'"), ("hanio", "'hanoi'"), ("zzzz", None)],
)
def test_the_nearest_name_is_suggested(name: str, near: str | None) -> None:
    error = UnknownNameError("environment", name, ["sudoku", "hanoi", "zebra"])
    assert str(error) == f"There is no environment named {name!r}" + (f"; did you mean {near}?" if near else ".")
    assert isinstance(error, KeyError) and isinstance(error, ValueError)


def test_a_very_long_name_is_cut() -> None:
    assert len(str(UnknownNameError("environment", "x" * 10**6, ["sudoku"]))) < 120
