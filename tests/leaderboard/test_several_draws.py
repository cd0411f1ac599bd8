"""A run whose test tasks were drawn several times: its rates against every subset, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

import jsonschema
import pytest

from esreason.cli import run as main
from esreason.cli.provenance import follow
from esreason.core.errors import SubmissionError, UsageError
from esreason.core.statistics import wilson
from esreason.es.config import make_config
from esreason.leaderboard.audit import audit
from esreason.leaderboard.board import Board
from esreason.leaderboard.check import Checked, check
from esreason.leaderboard.standing import standing
from tests.cli.conftest import TINY, call
from tests.leaderboard._tampering import Files, lines_of, rechained

NAMES = ("config.toml", "seedlog.jsonl", "transcripts.jsonl", "result.json")
DRAWS, TASKS = 3, 12


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    done = call("run", *TINY, "--temperature", "1", "--test-samples", str(DRAWS), "--out", "run", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run"


def draws_of(files: Files, phase: str) -> list[list[float]]:
    scores = [line["verdict"]["score"] for line in lines_of(files, "transcripts.jsonl") if line["phase"] == phase]
    return [scores[i : i + DRAWS] for i in range(0, len(scores), DRAWS)]


def files_of(run: Path) -> Files:
    return {name: (run / name).read_bytes() for name in NAMES}


@pytest.mark.parametrize("phase", ["base", "tuned"])
def test_the_rates_are_those_of_every_subset_of_the_draws(drawn: Path, phase: str) -> None:
    files = files_of(drawn)
    result, draws = json.loads(files["result.json"]), draws_of(files, phase)
    schema = json.loads((Path(__file__).resolve().parents[2] / "leaderboards" / "result.schema.json").read_text())
    jsonschema.validate(result, schema)
    assert len(draws) == TASKS and any(0 < sum(row) < DRAWS for row in draws)  # temperature tells the draws apart
    passes = [[score == 1.0 for score in row] for row in draws]
    wanted = {f"pass@{k}": fmean(fmean(any(s) for s in combinations(row, k)) for row in passes) for k in (1, DRAWS)}
    wanted[f"best-of-{DRAWS}"] = fmean(map(max, draws))
    assert result["rates"][phase] == pytest.approx(wanted)
    means = [fmean(row) for row in draws]
    low, high = wilson(sum(means), TASKS)
    assert result[phase] == {"score": pytest.approx(fmean(means)), "ci95": pytest.approx([low, high]), "n": TASKS}


def test_it_is_submitted_checked_reproduced_and_shown(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    board = Board(tmp_path / "board")
    assert board.add(audit(drawn, follow, workers=1))
    assert check(board, follow, workers=1) == Checked(1, 1)
    result = json.loads((drawn / "result.json").read_text())
    rows = {row.kind: row for row in standing(board) if row.kind != "null"}
    assert {kind: row.rates for kind, row in rows.items()} == result["rates"]
    assert {row.rates["pass@1"] for row in standing(board) if row.player == "solver"} == {1.0}
    assert main(["reproduce", board.entries()[0]["id"], "--board", "board", "--workers", "1"]) == 0
    assert capsys.readouterr().out.count(f"all {TASKS * DRAWS} episodes are the same") == 2
    percent = f"{100 * result['rates']['tuned'][f'pass@{DRAWS}']:.1f} %"
    for columns in ("80", "120"):
        monkeypatch.setenv("COLUMNS", columns)
        assert main(["leaderboard", "--board", "board"]) == 0
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= int(columns)
        assert f"pass@{DRAWS}" in shown and percent in shown and f"best-of-{DRAWS}" in shown


def redone(files: Files, change: Callable[[dict[str, Any]], object]) -> Files:
    result = json.loads(files["result.json"])
    change(result)
    return {**files, "result.json": json.dumps(result).encode()}


def rechained_without(files: Files, *places: int) -> Files:
    kept = [line for i, line in enumerate(lines_of(files, "transcripts.jsonl")) if i not in places]
    return rechained(files, kept, redo=False)


def swapped(files: Files) -> Files:
    """The episodes of two tasks' draws change places, so that each rate would rise or fall."""
    lines = lines_of(files, "transcripts.jsonl")
    lines[DRAWS - 1], lines[DRAWS] = lines[DRAWS], lines[DRAWS - 1]
    for index, line in enumerate(lines[: TASKS * DRAWS]):
        line["index"] = index
    return rechained(files, lines, redo=False)


def tampered(files: Files) -> dict[str, tuple[str, Files]]:
    """Name -> (how the refusal begins, the files)."""
    text = files["config.toml"].decode()
    made: dict[str, tuple[str, Files]] = {}
    for phase in ("base", "tuned"):
        for name in ("pass@1", f"pass@{DRAWS}", f"best-of-{DRAWS}"):
            for value in (0.987, 1, None, "0.5", True):
                change = redone(files, lambda r, p=phase, n=name, v=value: r["rates"][p].update({n: v}))
                made[f"{phase} {name} {value!r}"] = f"result.json, rates.{phase}", change
            gone = redone(files, lambda r, p=phase, n=name: r["rates"][p].pop(n))
            made[f"{phase} without {name}"] = f"result.json, rates.{phase}", gone
        more = redone(files, lambda r, p=phase: r["rates"][p].update({"pass@2": 1.0}))
        made[f"{phase} pass@2"] = f"result.json, rates.{phase}", more
        made[f"no {phase}"] = f"result.json, rates.{phase}", redone(files, lambda r, p=phase: r["rates"].pop(p))
    made["no rates"] = "result.json, rates", redone(files, lambda r: r.pop("rates"))
    made["one phase more"] = "result.json, rates", redone(files, lambda r: r["rates"].update(other={}))
    made["a draw dropped"] = "transcripts.jsonl line 71", rechained_without(files, 1)
    made["a draw of each phase dropped"] = "transcripts.jsonl line 70", rechained_without(files, 1, 40)
    made["draws swapped"] = f"transcripts.jsonl line {DRAWS}, task.seed", swapped(files)
    for value in ("2", "0", "-3", "1001", "3.0", "true", '"3"', "[3]"):
        forged = text.replace(f"test_samples = {DRAWS}", f"test_samples = {value}")
        says = "transcripts.jsonl line 72" if value == "2" else "config.toml, test_samples"
        made[f"config {value}"] = says, {**files, "config.toml": forged.encode()}
    return made


def test_everything_that_does_not_follow_is_refused(drawn: Path, tmp_path: Path) -> None:
    files = files_of(drawn)
    for name, (says, forged) in tampered(files).items():
        folder = tmp_path / "forged"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file, data in forged.items():
            (folder / file).write_bytes(data)
        with pytest.raises(SubmissionError) as error:
            audit(folder, follow, workers=1)
        assert str(error.value).startswith(says) and len(str(error.value).splitlines()) == 1, name


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"test_samples": 2}, "--test-samples needs --temperature above 0"),
        ({"test_samples": 2, "temperature": 1.0, "judgement": "graded"}, "a judgement is asked once a task"),
        ({"test_samples": 0}, "test_samples is between 1 and 1,000"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        make_config({"env": "sorting", "model": "sprout", **given})
