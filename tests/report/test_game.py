"""A person's game: hints lead to victory, undo takes everything back, the picture fits."""

from __future__ import annotations

import io
import random
import re

import pytest
from rich.console import Console

from esreason.core.errors import Unsolved
from esreason.core.registry import env_class
from esreason.report.game import WORDS, Game


def game(env: str, seed: int = 3, level: int = 1) -> Game:
    cls = env_class(env)
    return Game(cls(level=level), cls.make_task(seed, level))


def shown(played: Game, width: int = 80) -> str:
    out = Console(width=width, color_system=None, file=io.StringIO())
    with out.capture() as captured:
        out.print(played.picture())
    return captured.get()


@pytest.mark.parametrize("env", ["sudoku", "hanoi", "sorting", "blocksworld", "sokoban", "grid_navigation", "tents"])
def test_following_the_hints_wins_from_any_mess(env: str) -> None:
    played, rng = game(env), random.Random(1)
    for _ in range(2):
        legal = played._env.legal_actions()
        if not played.over and legal:
            played.enter(rng.choice(legal))
    for _ in range(200):
        if played.over:
            break
        played.enter("hint")
        text = " ".join(shown(played, 400).split())
        if back := re.search(r"undo (?:once|(\d+) times), then", text):
            for _ in range(int(back[1] or 1)):
                played.enter("undo")
        else:
            hint = re.search(r"The solver would play (.*?) (?:help hint undo|$)", text)
            assert hint, text
            played.enter(hint[1])
    assert "Solved in" in shown(played), shown(played)


def test_a_win_is_a_win_where_the_solver_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    played = game("hanoi")
    plan = played._env.solve(played._env.task).actions

    def unsolved(_: object) -> None:
        raise Unsolved("no plan was found")

    monkeypatch.setattr(played._env, "solve", unsolved)
    for action in plan:
        played.enter(action)
    assert played.over and f"Solved in {len(plan)} steps. The goal is reached" in shown(played)


def test_undo_gives_back_the_step_and_the_board() -> None:
    played = game("hanoi")
    before = shown(played)
    played.enter("B->B")
    assert "step 1 of" in shown(played) and "1 of 3 illegal actions" in shown(played)
    played.enter("undo")
    assert shown(played).replace("Taken back.\n", "") == before
    played.enter("undo")
    assert "nothing to take back" in shown(played)


def test_help_names_every_word_and_the_picture_fits() -> None:
    played = game("sudoku", level=6)
    played.enter("help")
    text = shown(played)
    assert all(f"{name:<6}{meaning}" in text for name, meaning in WORDS.items())
    assert max(map(len, text.splitlines())) <= 80
    played.enter("moves")
    played.enter("solve")
    assert max(map(len, shown(played).splitlines())) <= 80
