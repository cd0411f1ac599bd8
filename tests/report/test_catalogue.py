"""The table of environments and their cards, as they are read at 80 and at 120 columns."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console, RenderableType

from esreason.core.registry import EnvInfo, env_info, list_envs
from esreason.report.card import card
from esreason.report.catalogue import catalogue, solver_time
from esreason.report.figures import figures

INFOS = [info for info in list_envs() if info.origin == "esreason"]


def lines(shown: RenderableType, width: int) -> list[str]:
    out = Console(width=width, color_system=None, file=io.StringIO())
    with out.capture() as captured:
        out.print(shown)
    return [line.rstrip() for line in captured.get().splitlines()]


@pytest.mark.parametrize("width", [80, 120])
def test_every_environment_has_one_line_with_its_figures(width: int) -> None:
    text = lines(catalogue(INFOS, width), width)
    assert max(map(len, text)) <= width
    assert len(text) <= len(INFOS) + len({info.family for info in INFOS}) + 4
    for info in INFOS:
        [line] = [line for line in text if line.split()[:1] == [info.name]]
        words, speed = line.split(), figures("speed").get(info.name, {})
        assert words[1] == f"1-{info.levels[-1]}"
        assert "horizon" not in speed or words[2] == str(speed["horizon"])
        assert "solve_ms" not in speed or solver_time(speed) in line
        assert info.summary[:12] in line


@pytest.mark.parametrize("name", ["sudoku", "hanoi", "sokoban", "synthesis"])
def test_a_card_tells_the_rules_the_grammar_the_levels_and_an_episode(name: str) -> None:
    text = lines(card(env_info(name)), 80)
    assert max(map(len, text)) <= 80
    whole = " ".join(text)
    rows = ("Rules", "Action", "Answer", "Levels", "Tasks")
    for word in (*rows, "An episode at level 1", "As one answer:", f"play --env {name}"):
        assert word in whole, word
    assert "reward 1" in whole


def test_a_card_says_how_many_tasks_there_are() -> None:
    hanoi = " ".join(" ".join(lines(card(env_info("hanoi")), 80)).split())
    assert "About 1,016 at level 1, 1,500 at level 2" in hanoi and "at the other levels fewer than 1 %" in hanoi
    sokoban = " ".join(" ".join(lines(card(env_info("sokoban")), 80)).split())
    assert "At every level fewer than 1 % of a thousand seeds repeat a task." in sokoban


@pytest.mark.parametrize("info", INFOS, ids=lambda info: info.name)
def test_a_card_says_what_its_levels_are(info: EnvInfo) -> None:
    """In the words of the code: the row by that name says the same of every environment."""
    about = " ".join(lines(card(info), 80)).partition("Rules  ")[0]
    assert re.search(r"\blevels?\b", about, re.IGNORECASE), about
