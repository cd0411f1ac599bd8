"""The page: inert data, and what a real browser makes of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from esreason.leaderboard.board import Board
from esreason.leaderboard.standing import Row
from esreason.report.board import board_csv, board_markdown, board_table
from esreason.report.console import console
from esreason.report.horizon import by_horizon
from esreason.report.page import inert, page

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def row(player: str, score: float = 0.5, kind: str = "tuned") -> Row:
    around = max(0.0, score - 0.05), min(1.0, score + 0.05)
    return Row("sudoku", 0, 1, "steps", "test", "puzzles", player, kind, score, around, 400, (1, 2), "replayed",
               "checked", "", 1000, 894_592, 0, [])  # fmt: skip


class Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_hostile_names_are_data_in_every_form(tmp_path: Path) -> None:
    text = page([row(HOSTILE)], [], Board(tmp_path))
    parser = Scripts()
    parser.feed(text)
    assert parser.tags.count("script") == 2
    assert parser.tags.count("img") == 0
    [data] = re.findall(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(data)["rows"][0]["player"] == HOSTILE
    assert "<" not in inert([HOSTILE, "<!--", "\u2028"]) and "\u2028" not in inert(["\u2028"])
    assert board_csv([row("=cmd|'/c calc'")]).splitlines()[1].split(",")[1].startswith("'=")
    assert "<script" not in board_markdown([row(HOSTILE)]).replace("\\<", "")
    out = console()
    with out.capture() as captured:
        out.print(board_table([row("[red]bold[/]")], [], 80))
    assert "[red]bold[/]" in captured.get()


@pytest.mark.browser
def test_a_browser_draws_ten_thousand_rows_and_runs_nothing_of_theirs(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    rows = [row(HOSTILE), *(replace(row(f"model {k}", k / 10_000), level=1 + k % 2) for k in range(9_999))]
    (tmp_path / "page.html").write_text(page(rows, [], Board(tmp_path)), encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
         "--virtual-time-budget=2000", "--dump-dom", (tmp_path / "page.html").as_uri()],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    dom = done.stdout
    assert "<title>esreason leaderboard</title>" in dom, done.stderr[-500:]
    assert '<p id="count" role="status">10000 rows</p>' in dom
    assert dom.count('<tr class="tuned">') == 200
    assert dom.count('<svg class="forest"') == 200
    assert dom.count('<circle class="tuned"') == 3000  # cost against score
    assert " 3000 of 10000 rows are drawn." in dom
    assert " 7 of 10000 players are drawn." in dom
    assert "&lt;/script&gt;" in dom


def test_horizons_are_binned_by_the_solvers_steps() -> None:
    assert by_horizon([1.0, 0.0, 1.0, 1.0], [3, 5, 3, 5]) == [(3, 3, 1.0, 2), (5, 5, 0.5, 2)]
    assert by_horizon([1.0, 0.0], [3]) == []  # played on more tasks than the solver's steps are known of
    assert by_horizon([1.0], [3, 9]) == [(3, 3, 1.0, 1)]
    steps = [k % 37 for k in range(400)]
    found = by_horizon([float(step < 10) for step in steps], steps)
    assert sum(n for *_, n in found) == 400
    assert [low for low, *_ in found[1:]] == [high + 1 for _, high, *_ in found[:-1]]
    assert max(n for *_, n in found) <= 1.3 * min(n for *_, n in found)
    assert found[0][2] == 1.0 and found[-1][2] == 0.0
