"""Terminal views as text, at 80 and at 120 columns."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console, RenderableType

from esreason.core.registry import env_info, list_envs
from esreason.report.card import card
from esreason.report.catalogue import catalogue
from esreason.report.numbers import bar, count, duration, interval, percent, spark
from esreason.report.outcome import Outcome, outcomes
from esreason.report.view import View, line, screen

CONFIG = {
    "env": "sudoku", "level": 1, "mode": "steps", "strategy": "mirrored", "population": 64, "tasks": 8,
    "iterations": 10, "model": "sprout",
}  # fmt: skip


def text(renderable: RenderableType, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def record(iteration: int, validation: float | None) -> dict[str, Any]:
    return {
        "iteration": iteration, "min": 0.0, "median": 0.25, "mean": 0.3, "max": 0.75, "spread": 0.1,
        "validation": validation, "episodes": 512, "tokens": 40_000, "seconds": 2.0, "elapsed": 9.0,
    }  # fmt: skip


def watched() -> View:
    view = View()
    view.note("start", {"config": CONFIG, "facts": {"parameters": 894_592, "device": "cpu", "dtype": "float32"}})
    view.note("sigma", {"sigma": 0.025, "alpha": 0.05})
    view.note("score", {"phase": "population", "done": 256, "total": 512})
    for i in range(6):
        view.note("iteration", record(i, 0.5 if i % 5 == 4 else None), ("1.\n2.", "13\n2."), ("r1c2=3",))
    return view


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_fits_and_shows_everything(width: int) -> None:
    shown = text(screen(watched(), 75.0, width), width)
    assert all(len(row) <= width for row in shown.splitlines())
    for part in ("sudoku", "256/512", "iteration 6/10", "sigma 0.025", "validation", "50.0 %", "256 episodes/s",
                 "20.0k tokens/s", "1 min 15 s", "about 8.0 s left", "> r1c2=3"):  # fmt: skip
        assert part in shown, part


SNAPSHOT = """\
esreason sudoku level 1, steps, mirrored, 64 members x 8 tasks
population  ███████████████████████████                            256/512
iteration 6/10, fitness of the population (sigma 0.025, alpha 0.05)
    max ▆▆▆▆▆▆ 75.0 %
 median ▂▂▂▂▂▂ 25.0 %
    min ▁▁▁▁▁▁ 0.0 %
validation ▄ 50.0 %, best 50.0 %
1 min 15 s, 256 episodes/s, 20.0k tokens/s, about 8.0 s left
╭─ an episode of the best member ─╮
│ 1.                              │
│ 2.                              │
│ > r1c2=3                        │
│ 13                              │
│ 2.                              │
╰─────────────────────────────────╯
"""


def test_the_screen_at_80_columns_is_this() -> None:
    shown = text(screen(watched(), 75.0, 80), 80)
    assert [row.rstrip() for row in shown.splitlines()] == [row.rstrip() for row in SNAPSHOT.splitlines()]


def test_a_run_that_has_only_begun_has_a_screen() -> None:
    assert "starting" in text(screen(View(), 0.0, 80), 80)
    view = View()
    view.note("start", {"config": CONFIG, "facts": {}})
    view.note("probe", {"sigma": 0.01, "mean": 0.2, "base": 0.1, "spread": 0.1})
    assert "0.01: 20.0 %" in text(screen(view, 1.0, 80), 80)


def test_hostile_text_in_an_episode_stays_text() -> None:
    view = watched()
    view.note("iteration", record(6, None), ("[bold]x[/]", "y"), ("[link=http://x]\x1b[31m",))
    shown = text(screen(view, 1.0, 80), 80)
    assert "[bold]x[/]" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("width", [80, 120])
def test_the_outcome_fits_and_is_ordered(width: int) -> None:
    rows = [
        Outcome("base", {"score": 0.145, "ci95": [0.114, 0.183], "n": 400}, 35_000, 0.7),
        Outcome("tuned", {"score": 0.815, "ci95": [0.774, 0.85], "n": 400}, 29_000, 0.6),
        Outcome("solver", {"score": 1.0, "ci95": [0.99, 1.0], "n": 400}),
    ]
    shown = text(outcomes("sudoku level 1, steps", rows, width), width)
    assert all(len(row) <= width for row in shown.splitlines())
    assert [row.split()[0] for row in shown.splitlines()[2:]] == ["solver", "tuned", "base"]
    assert "[77.4, 85.0]" in shown
    assert "35.0k" in shown


@pytest.mark.parametrize("width", [80, 120])
def test_the_catalogue_fits_and_names_everything(width: int) -> None:
    shown = text(catalogue(list_envs()), width)
    assert all(len(row) <= width for row in shown.splitlines())
    for info in list_envs():
        assert info.name in shown


def test_a_card_shows_rules_and_an_episode_that_is_won() -> None:
    shown = text(card(env_info("hanoi")), 80)
    assert all(len(row) <= 80 for row in shown.splitlines())
    assert "Tower of Hanoi" in shown
    assert "reward 1" in shown


def test_events_as_plain_lines() -> None:
    assert line("iteration", record(0, 0.5)) == "iteration 1: fitness 0.0 % / 25.0 % / 75.0 %, validation 50.0 %, 2.0 s"
    assert line("sigma", {"sigma": 0.02, "alpha": 0.04}) == "sigma 0.02, alpha 0.04"
    assert line("score", {}) is None


@pytest.mark.parametrize(
    ("value", "shown"), [(3.21, "3.2 s"), (42, "42 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"), (59.7, "1 min 00 s")]
)
def test_durations(value: float, shown: str) -> None:
    assert duration(value) == shown


def test_numbers() -> None:
    assert [count(n) for n in (512, 41_234, 3_100_000, 2e9)] == ["512", "41.2k", "3.1M", "2.0G"]
    assert (percent(0.5), interval(0.1, 0.25)) == ("50.0 %", "[10.0, 25.0]")
    assert (bar(1, 4), bar(0, 4), bar(0.5, 4)) == ("████", "    ", "██  ")
    assert len(spark([0.1] * 500, 30)) == 30
