"""The page: inert data, and what a real browser makes of it."""

from __future__ import annotations

import html
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


def browsed(path: Path, text: str) -> str:
    """The document as a real browser leaves it when its scripts have run."""
    assert CHROMIUM is not None
    (path / "page.html").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={path / 'profile'}",
         "--virtual-time-budget=2000", "--dump-dom", (path / "page.html").as_uri()],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert "<title>esreason leaderboard</title>" in done.stdout, done.stderr[-500:]
    return done.stdout


def test_figures_class_and_marks_are_whole_at_eighty_columns() -> None:
    """A name is cut before the star (weights not checked), the dagger (challenge) or a digit is."""
    long = replace(row("a-player-of-a-long-name", 1.0), env="calibrated_arithmetic", weights="not checked",
                   mark="reproduced")  # fmt: skip
    rows = [long, replace(long, tasks="challenge", mode="answer", kind="challenge"),
            *(replace(long, seed=k, recipe="r", ci95=(0.912, 1.0), scores=[1.0, 0.0]) for k in (1, 2))]  # fmt: skip
    out = console()
    with out.capture() as captured:
        out.print(board_table(rows, [], 80))
    told = captured.get().splitlines()
    assert max(map(len, told)) <= 80
    assert sum("100.0 %" in line and line.rstrip().endswith("400 reproduced*") for line in told) == 4
    assert sum("…(" in line.replace(" ", "") and "(answer, †)" in line for line in told) == 1
    assert sum("[91.2, 100.0]" in line for line in told) == 2


def test_the_means_over_seeds_leave_a_name_the_room_that_figures_do_not_take() -> None:
    shown = replace(row("seedling + ES"), env="know_before_answer", recipe="r", scores=[1.0, 0.0, 1.0])
    out = console()
    with out.capture() as captured:
        out.print(board_table([replace(shown, seed=k) for k in (1, 2)], [], 80))
    told = captured.get().splitlines()
    means = told[told.index(next(line for line in told if line.startswith("mean over seeds"))) :]
    assert max(map(len, told)) <= 80
    assert any("know_before_answer" in line and "66.7 % to 66.7 %" in line for line in means)


@pytest.mark.browser
def test_a_browser_draws_ten_thousand_rows_and_runs_nothing_of_theirs(tmp_path: Path) -> None:
    rows = [row(HOSTILE), *(replace(row(f"model {k}", k / 10_000), level=1 + k % 2) for k in range(9_999))]
    dom = browsed(tmp_path, page(rows, [], Board(tmp_path)))
    assert '<p id="count" role="status">10000 rows</p>' in dom
    assert dom.count('<tr class="tuned" role="row">') + dom.count('<tr class="tuned first" role="row">') == 200
    assert dom.count('<svg class="forest"') == 200
    assert dom.count('<circle class="tuned"') == 3000  # cost against score
    assert " 3000 of 10000 rows are drawn." in dom
    assert " 7 of 10000 players are drawn." in dom
    assert "&lt;/script&gt;" in dom


STEPS = """<script>
const told = [], key = (on, name) => on.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
const note = () => told.push([$("step").textContent, $("before").textContent, $("screen").textContent,
                              $("action").textContent, $("viewer").open, document.activeElement.id]);
const opener = document.querySelector("#board td.go button");
opener.focus(); opener.click(); note();
key($("screen"), "ArrowRight"); note();
key($("screen"), "End"); note();
key($("screen"), "ArrowDown"); note();
$("next").focus(); $("next").click(); note();
told.push([$("title").textContent, $("rules").hidden]);
$("close").click(); told.push([$("viewer").open, document.activeElement.getAttribute("aria-label")]);
$("env").value = "hanoi"; $("env").dispatchEvent(new Event("input", {bubbles: true}));
told.push([$("count").textContent]);
document.querySelectorAll("#board th button")[5].click();
told.push([...document.querySelectorAll("#board td.name")].map(e => e.textContent));
told.push([...document.querySelectorAll("#board th")].map(e => e.getAttribute("aria-sort")).filter(Boolean));
const unnamed = [...document.querySelectorAll("button, select, input, svg[role=img], pre")].filter(
  e => !(e.closest("[hidden]") || e.textContent.trim() || e.ariaLabel || e.labels?.length));
told.push(unnamed.map(e => e.outerHTML));
document.body.dataset.told = JSON.stringify(told);
</script></body>"""


@pytest.mark.browser
def test_the_viewer_steps_by_keyboard_and_every_control_has_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "entries" / "sudoku-0"
    folder.mkdir(parents=True)
    told = [["start", "a\u202eb\x1b[31m", "end"], ["other", "stop"]]
    lines = [{"phase": "tuned", "task": {"env": "sudoku", "seed": k}, "observations": screens,
              "actions": [f"go {j}" for j in range(1, len(screens))],
              "verdict": {"score": 1.0 - k, "reason": "why"}} for k, screens in enumerate(told)]  # fmt: skip
    (folder / "transcripts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    shown = replace(row("model"), entry="sudoku-0", seed=3)
    others = [replace(row(f"hanoi {k}", k / 4), env="hanoi") for k in (2, 1, 3)]
    dom = browsed(tmp_path, page([shown, *others], [], Board(tmp_path)).replace("</body>", STEPS))
    [found] = re.findall(r'<body data-told="(.*?)">', dom)
    assert json.loads(html.unescape(found)) == [
        ["step 0 of 2", "the task", "start", "next: go 1", True, "screen"],
        ["step 1 of 2", "action 1: go 1", "a\\u{202e}b\\u{1b}[31m", "next: go 2", True, "screen"],
        ["step 2 of 2", "action 2: go 2", "end", "Solved: why", True, "screen"],
        ["step 0 of 1", "the task", "other", "next: go 1", True, "screen"],
        ["step 1 of 1", "action 1: go 1", "stop", "Score 0: why", True, "screen"],  # the button is spent
        ["model on sudoku level 1, seed 3", False],
        [False, "view episodes of model on sudoku level 1, seed 3"],
        ["3 rows"],
        ["hanoi 3", "hanoi 2", "hanoi 1"],
        ["descending"],
        [],
    ]  # fmt: skip


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
