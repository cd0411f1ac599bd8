"""What a run ends with, as it is printed."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from esreason.objectives.sensitivity import LATER, MEASURES, measured
from esreason.report.outcome import JUDGED, Outcome, by_environment, judgements, outcomes
from esreason.report.sheet import Sheet, sheet_table


def printed(table: object) -> list[str]:
    console = Console(width=80, file=io.StringIO(), color_system=None)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_judgements_are_shown_before_and_after() -> None:
    assert set(JUDGED) == set(MEASURES)
    base, tuned = measured([True, False] * 10, [0.0] * 20), measured([True, False] * 10, [1.0, 0.0] * 10)
    lines = printed(judgements({"metacognition": {"base": base, "tuned": tuned}}))
    assert max(map(len, lines)) <= 80
    assert lines[1 + len(JUDGED) :] == [
        "meta-d', base: all judgements are no", "M-ratio, base: all judgements are no",
        "M-ratio, tuned: at most half of the answers are right: d' is not above 0",
    ]  # fmt: skip
    assert [lines[place].split()[:3] for place in (9, 10)] == [["meta-d'", "-", "-"], ["M-ratio", "-", "-"]]
    older = {phase: {k: v for k, v in part.items() if k not in LATER} for phase, part in
             (("base", base), ("tuned", tuned))}  # fmt: skip
    assert len(printed(judgements({"metacognition": older}))) == 1 + len(JUDGED) - len(LATER)
    assert lines[0].startswith("20 judgements")
    assert lines[4].split() == ["type-2", "AUROC", "0.500", "[0.500,", "0.500]", "1.000", "[1.000,", "1.000]"]


def test_environments_are_shown_apart() -> None:
    def part(score: float) -> dict[str, object]:
        return {"score": score, "ci95": [0.0, 1.0], "n": 12}

    envs = {name: {"base": part(0.1), "tuned": part(0.5)} for name in ("hanoi", "sorting")}
    lines = printed(by_environment({"envs": envs}))
    assert [line.split()[0] for line in lines] == ["environment", "hanoi", "sorting"]
    assert lines[1].split() == ["hanoi", "10.0", "%", "[0.0,", "100.0]", "50.0", "%", "[0.0,", "100.0]", "12"]


@pytest.mark.parametrize("name", ["[/x]", "[red]a[/]", "\x1b[2Jz", "[link=http://x]y"])
def test_the_name_of_a_model_is_neither_markup_nor_an_escape_sequence(name: str) -> None:
    summary, shown = {"score": 0.5, "ci95": [0.4, 0.6], "n": 3}, name.replace("\x1b", "\\x1b")
    lines = printed(outcomes(f"{name} level 1", [Outcome(name, summary)], 80))
    assert lines[0] == f"{shown} level 1"
    assert lines[2].startswith(f"{shown} ")
    if name == shown:
        assert printed(sheet_table(Sheet(name, (name,), ((name,),)))) == [name] * 3
