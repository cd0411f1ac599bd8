"""What the docs say of every environment was measured of this version of it, and keeps what is promised."""

from __future__ import annotations

import importlib
import statistics
from collections.abc import Callable
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

import pytest

from esreason.core.registry import env_class, env_info
from esreason.envs.grid import GridEnv
from esreason.report.figures import figures
from esreason.report.gallery import card, gallery
from tests.envs._everything import NAMES, three_levels

ROOT = Path(__file__).parents[2]
SLOW_TO_MAKE = {"futoshiki", "zebra", "sokoban", "kakuro", "rush_hour"}
TASKS_PER_SECOND = {"symbolic": 100, "programs": 100}
VERDICTS_PER_SECOND = {"symbolic": 1_000, "programs": 1_000}
KINDS_BY_LEVEL = {"solve_equation", "integrate", "simplify", "optimize", "arc"}
"""Their levels add other kinds of questions, of which some take fewer actions."""


def measured(kind: str, name: str) -> dict[str, Any]:
    """The row of an environment; the test is skipped, and says so, while there is none of its present version."""
    row = figures(kind).get(name)
    if row is None or row["version"] != env_info(name).version:
        pytest.skip(f"{name} has no row of {kind} in this version yet: `make bench` measures it")
    return row


@pytest.mark.parametrize("name", NAMES)
def test_floors_are_low(name: str) -> None:
    for level, players in measured("floors", name)["levels"].items():
        shares = {player: share for player, share in players.items() if player != "listed"}
        assert level == "1" or max(shares.values()) < 0.05, f"level {level}: {shares}"
        assert shares["empty"] == shares["echo"] == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_no_verifier_erred(name: str) -> None:
    row = measured("mutations", name)
    assert row["wrong"] >= 1_000 and row["right"] >= 200
    assert row["false_accepts"] == row["false_rejects"] == 0
    assert row["slowest_ms"] < 1_000


@pytest.mark.parametrize("name", NAMES)
def test_environments_are_fast(name: str) -> None:
    row, family = measured("speed", name), env_info(name).family
    levels = list(row["levels"].values())
    middle = levels[len(levels) // 2]
    wanted = 100 if name in SLOW_TO_MAKE else TASKS_PER_SECOND.get(family, 300)
    assert middle["generate_per_s"][0] >= wanted
    assert max(level["worst_generation_ms"] for level in row["solver"].values()) <= 250
    assert max(level["solve_ms"][1] for level in row["solver"].values()) <= 1_000
    if family in ("puzzles", "planning"):
        assert min(level["steps_per_s"][0] for level in levels) >= 50_000
    grid = issubclass(env_class(name), GridEnv)
    assert middle["verify_per_s"][0] >= (20_000 if grid else VERDICTS_PER_SECOND.get(family, 1_000))


@pytest.mark.parametrize("name", NAMES)
def test_levels_get_harder(name: str) -> None:
    """From level to level solutions are as long or longer; where all are as long, the last level takes more time."""
    levels, solver = list(measured("actions", name)["levels"].values()), measured("speed", name)["solver"]
    for number, (low, high) in enumerate(pairwise(levels), 1):
        noise = 3 * hypot(low["error"], high["error"])
        assert high["mean"] >= low["mean"] - noise or name in KINDS_BY_LEVEL, f"levels {number} and {number + 1}"
    slower = solver[str(len(levels))]["solve_ms"][0] > 2 * solver["1"]["solve_ms"][0]
    assert levels[-1]["mean"] > levels[0]["mean"] or slower


@pytest.mark.parametrize("name", NAMES)
def test_the_lengths_of_solutions_are_those_that_were_counted(name: str) -> None:
    cls = env_class(name)
    for level, row in measured("actions", name)["levels"].items():
        lengths = [len(cls.solve(cls.make_task(seed, int(level))).actions) for seed in range(len(row["first"]))]
        assert lengths == row["first"], f"level {level}: run benchmarks/actions.py --only {name}"


@pytest.mark.parametrize("name", NAMES)
def test_the_gallery_shows_the_card(name: str) -> None:
    assert card(name) in (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8"), "run benchmarks/gallery.py"


def test_the_gallery_shows_nothing_else() -> None:
    shown = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    outside = "".join(shown.split("~~~")[::2])  # an observation may hold a line that begins like a heading
    assert [line[4:] for line in outside.splitlines() if line.startswith("### ")] == NAMES
    assert shown == gallery()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_horizons_are_those_of_the_solver(name: str) -> None:
    cls = env_class(name)
    for level in three_levels(name):
        lengths = [len(cls.solve(cls.make_task(seed, level)).actions) for seed in range(2_000, 2_007)]
        assert measured("speed", name)["solver"][str(level)]["actions"] == statistics.median(lengths)


@pytest.mark.parametrize(("kind", "page"), [("floors", "page"), ("mutations", "page"), ("environments", "own_tables")])
def test_the_tables_are_made_of_the_rows(kind: str, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.syspath_prepend(ROOT)
    make: Callable[[Any], str] = getattr(importlib.import_module(kind), page)
    document = ROOT / "docs" / ("performance.md" if kind == "environments" else f"{kind}.md")
    rows = figures("speed" if kind == "environments" else kind)
    assert make(rows).strip() in document.read_text(encoding="utf-8"), f"run benchmarks/{kind}.py --table-only"
