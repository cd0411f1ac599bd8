"""A run over several environments: the same files, commands and guarantees as a run of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from esreason.cli.provenance import follow
from esreason.core.errors import SubmissionError
from esreason.leaderboard.audit import audit
from esreason.leaderboard.board import Board
from esreason.leaderboard.check import check
from esreason.leaderboard.standing import standing
from tests.cli.conftest import Esreason, call

OPTIONS = ["--env", "sorting,hanoi,sudoku", "--iterations", "2", "--population", "8", "--tasks", "4",
           "--test-episodes", "6", "--sigma", "0.025"]  # fmt: skip


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("several")
    done = call("run", *OPTIONS, "--workers", "1", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "runs" / "sorting-and-2-more-1", json.loads(done.stdout)


def test_results_stand_together_and_apart(several: tuple[Path, dict[str, Any]]) -> None:
    run, result = several
    lines = [json.loads(line) for line in (run / "transcripts.jsonl").read_text().splitlines()]
    assert [line["task"]["env"] for line in lines[:18]] == ["sorting"] * 6 + ["hanoi"] * 6 + ["sudoku"] * 6
    assert result["base"]["n"] == 18 and list(result["envs"]) == ["sorting", "hanoi", "sudoku"]
    for env, parts in result["envs"].items():
        for phase in ("base", "tuned"):
            scores = [x["verdict"]["score"] for x in lines if x["phase"] == phase and x["task"]["env"] == env]
            assert parts[phase]["score"] == pytest.approx(sum(scores) / 6) and parts[phase]["n"] == 6
    for phase in ("base", "tuned"):
        mean = sum(parts[phase]["score"] for parts in result["envs"].values()) / 3
        assert result[phase]["score"] == pytest.approx(mean)


def test_it_resumes_to_the_same_bytes_with_any_workers(several: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    run, result = several
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").write_bytes((run / "config.toml").read_bytes())
    log = (run / "seedlog.jsonl").read_bytes().split(b"\n")
    (tmp_path / "run" / "seedlog.jsonl").write_bytes(b"\n".join(log[:2]) + b"\n")
    done = call("resume", "run", "--workers", "2", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("seedlog.jsonl", "transcripts.jsonl"):
        assert (tmp_path / "run" / name).read_bytes() == (run / name).read_bytes()
    assert json.loads(done.stdout)["weights_sha256"] == result["weights_sha256"]


def test_its_outcome_verification_export_and_episodes_are_printed(
    several: tuple[Path, dict[str, Any]], esreason: Esreason
) -> None:
    run, result = several
    done = esreason("resume", run, "--workers", "1")
    assert done.returncode == 0, done.stderr
    for word in ("random", "solver", "sorting", "hanoi", "sudoku", "environment"):
        assert word in done.stdout
    assert "36 episodes replayed, no difference" in esreason("verify", run).stdout
    exported = json.loads(esreason("export", run, "model", "--json").stdout)
    assert exported["weights_sha256"] == result["weights_sha256"]
    shown = json.loads(esreason("show", run, "--env", "hanoi", "--episode", "2", "--json").stdout)
    assert (shown["task"]["env"], shown["task"]["seed"], shown["phase"]) == ("hanoi", 2, "tuned")
    assert json.loads(esreason("show", run, "--json").stdout)["task"]["env"] == "sorting"
    missing = esreason("show", run, "--env", "countdown")
    assert (missing.returncode, len(missing.stderr.splitlines())) == (1, 1)


def test_it_stands_on_a_board_in_each_of_its_environments(several: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    run, result = several
    board = Board(tmp_path / "board")
    assert board.add(audit(run, follow, workers=1))
    rows = [row for row in standing(board) if row.kind != "null"]
    assert len(rows) == 6
    for row in rows:
        assert row.score == pytest.approx(result["envs"][row.env][row.kind]["score"])
        assert row.tokens == result["envs"][row.env]["test_tokens"][row.kind]
    assert {row.player for row in rows} == {"sprout", "sprout + ES on 3 environments"}
    assert {row.env for row in standing(board) if row.kind == "null"} == {"sorting", "hanoi", "sudoku"}
    checked = check(board, follow, workers=1)
    assert (checked.entries, checked.nulls) == (1, 3)


def test_a_changed_part_is_refused(several: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    run, result = several
    for name in ("config.toml", "seedlog.jsonl", "transcripts.jsonl"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
    forgeries = [{**result, "envs": {}}, {k: v for k, v in result.items() if k != "envs"}, {**result, "env_version": 0}]
    better = json.loads(json.dumps(result))
    better["envs"]["hanoi"]["tuned"]["score"] = 1.0 if result["envs"]["hanoi"]["tuned"]["score"] < 1 else 0.5
    for forged in [*forgeries, better]:
        (tmp_path / "result.json").write_text(json.dumps(forged))
        with pytest.raises(SubmissionError, match=r"result\.json"):
            audit(tmp_path, follow, workers=1)


def test_a_wrong_name_is_one_sentence(esreason: Esreason) -> None:
    done = esreason("run", "--env", "sorting,hanio")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "esreason: There is no environment named 'hanio'; did you mean 'hanoi'?\n"
