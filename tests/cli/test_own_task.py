"""`--task DOMAIN PROBLEM`: a PDDL task of one's own is played and scored."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from esreason.cli import run
from esreason.cli.own_task import own_settings
from esreason.envs.planning.pddl import Pddl
from esreason.es.folder import RunFolder
from tests.cli.conftest import Esreason, kill_run

DOMAIN = """(define (domain doors) ; drawn by André
  (:predicates (at ?r) (open ?r) (next ?a ?b))
  (:action go :parameters (?a ?b)
    :precondition (and (at ?a) (next ?a ?b) (open ?b))
    :effect (and (at ?b) (not (at ?a))))
  (:action unlock :parameters (?a ?b)
    :precondition (and (at ?a) (next ?a ?b))
    :effect (open ?b)))
"""
PROBLEM = """(define (problem walk) (:domain doors)
  (:objects hall yard)
  (:init (at hall) (next hall yard))
  (:goal (at yard)))
"""
PLAN = "(unlock hall yard) (go hall yard)"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    domain, problem = tmp_path / "domain.pddl", tmp_path / "problem.pddl"
    domain.write_text(DOMAIN, encoding="utf-8")
    problem.write_text(PROBLEM, encoding="utf-8")
    return ["--task", str(domain), str(problem)]


def test_it_is_scored(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for mode in ("steps", "answer"):
        for policy, score in (("solver", 1.0), ("empty", 0.0)):
            line = ["eval", "--env", "pddl", *files, "--policy", policy, "--mode", mode, "--json"]
            assert run(line) == 0
            told = json.loads(capsys.readouterr().out)
            assert (told["score"], told["n"], told["split"]) == (score, 1, "custom")


def test_an_episode_has_the_steps_that_are_asked_for(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit, score in ((1, 0.0), (2, 1.0)):
        line = ["eval", "--env", "pddl", *files, "--policy", "solver", "--limit", str(limit), "--json"]
        assert run(line) == (0 if score else 1)
        told = capsys.readouterr()
        assert json.loads(told.out)["score"] == score if score else "--limit allows more" in told.err
    for limit, steps in (((), 12), (("--limit", "7"), 7)):
        monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
        assert run(["play", "--env", "pddl", *files, *limit]) == 0
        assert f"step 0 of {steps}," in capsys.readouterr().out
    domain, problem = map(Path, files[1:])
    assert [task["limit"] for task in json.loads(own_settings((domain, problem), 7, {})["given"])] == [7]
    for command in (["play"], ["run"], ["eval", "--policy", "random"]):
        assert run([*command, "--env", "sudoku", "--limit", "7"]) == 2
        assert "--limit belongs to --task" in capsys.readouterr().err


def test_a_folder_of_problems_is_scored(files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    Path(files[2]).with_name("second.pddl").write_text(PROBLEM.replace("yard", "lawn"), encoding="utf-8")
    line = ["eval", "--env", "pddl", "--task", files[1], str(tmp_path), "--policy", "solver", "--json"]
    assert run(line) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["score"], told["n"]) == (1.0, 2)
    (tmp_path / "none").mkdir()
    assert run([*line[:4], files[1], str(tmp_path / "none"), *line[6:]]) == 2
    assert "there is no problem in" in capsys.readouterr().err


def test_a_run_keeps_its_tasks_and_goes_on_without_the_files(
    files: list[str], tmp_path: Path, esreason: Esreason
) -> None:
    problems = tmp_path / "problems"
    problems.mkdir()
    for name in ("yard", "lawn", "cellar", "roof", "attic"):
        (problems / f"{name}.pddl").write_text(PROBLEM.replace("yard", name), encoding="utf-8")
    kill_run(tmp_path, "--env", "pddl", "--task", files[1], "problems", "--iterations", "3", "--population", "8",
             "--tasks", "2", "--sigma", "0.02", "--workers", "1")  # fmt: skip
    for path in (*problems.iterdir(), Path(files[1])):
        path.unlink()
    done = esreason("resume", "run", "--json", "--workers", "1")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {**result["given"], "sha256": ""} == {"train": 3, "validation": 1, "test": 1, "apart": True, "sha256": ""}
    assert result["iterations"] == 3 and result["base"]["n"] == result["tuned"]["n"] == 1
    lines = [json.loads(line) for line in (tmp_path / "run" / "seedlog.jsonl").read_text().splitlines()[1:]]
    assert [len(row) for line in lines for row in line["scores"]] == [2] * 24
    assert esreason("verify", "run").stdout == "2 episodes replayed, no difference.\n"
    exported = json.loads(esreason("export", "run", "tuned", "--json").stdout)
    assert exported["weights_sha256"] == result["weights_sha256"]
    refused = esreason("submit", "run", "--board", "board")
    assert refused.returncode == 1 and "a run on given tasks is no entry of a board" in refused.stderr
    assert not (tmp_path / "board" / "entries").exists()


def test_a_run_on_one_problem_says_what_it_is_about(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    line = ["run", "--env", "pddl", *files, "--iterations", "0", "--sigma", "0.02", "--workers", "1", "--out", str(out)]
    assert run(line) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "pddl, a given task, steps" in shown and "all play the one given task" in shown
    assert "esreason submit" not in shown
    transcripts = out / "transcripts.jsonl"
    told = [json.loads(text) for text in transcripts.read_text(encoding="utf-8").splitlines()]
    own = RunFolder.open(out).config().own_tasks
    assert own is not None and all(line["task"] == own.test[0].to_dict() for line in told)


def test_given_tasks_have_no_level(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--env", "pddl", *files, "--level", "2"]) == 2
    assert "a --level belongs to generated tasks" in capsys.readouterr().err


def test_it_is_played(files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hint\ngo hall yard\n(unlock hall yard)\n(go hall yard)\n"))
    assert run(["play", "--env", "pddl", *files]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "The solver would play (unlock hall yard)" in shown and "Solved" in shown and "a given task" in shown
    assert "(go hall yard) is not possible" in shown


def test_a_problem_without_a_plan_is_played_all_the_same(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(files[2]).write_text(PROBLEM.replace("(next hall yard)", "(next yard hall)"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("hint\nquit\n"))
    assert run(["play", "--env", "pddl", *files]) == 0
    assert "no solution" in capsys.readouterr().out
    assert run(["eval", "--env", "pddl", *files, "--policy", "random", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 0.0
    assert run(["eval", "--env", "pddl", *files, "--policy", "solver"]) == 1


@pytest.mark.parametrize(
    ("number", "old", "new", "told"),
    [
        (1, "(open ?b))\n", "(opened ?b))\n", "line 4: there is no predicate 'opened'"),
        (1, "(not (at ?a))", "(not at ?a)", "line 5: '(not at ?a)' is no effect"),
        (
            1,
            "(next ?a ?b))\n    :effect (open",
            "(next ?a ?c))\n    :effect (open",
            "line 7: there is no variable '?c'",
        ),
        (1, "(open ?b)))\n", "(open ?b))\n", "line 1: a parenthesis is not closed"),
        (1, "(:action go", ")) (:action go", "line 3: a parenthesis is closed that was not opened"),
        (1, "(:action unlock", "(:durative-action unlock", "line 6: ':durative-action' in a domain is not supported"),
        (1, "(open ?r)", "(open ?r) (at ?x)", "line 2: the predicate at is there twice"),
        (1, "(at ?a))))", "(åt ?a))))", "line 5: a PDDL text is ASCII"),
        (2, "(next hall yard)", "(next hall)", "line 3: '(next hall)' does not give next its 2 arguments"),
        (2, "(at yard)", "(at garden)", "line 4: there is no object 'garden'"),
        (2, "(at yard)", "(> (fuel) 3)", "line 4: there is no function 'fuel'"),
        (2, "(:objects hall yard)", "(:objects hall hall yard)", "line 2: the object hall is there twice"),
    ],
)
def test_the_line_of_a_mistake_is_told(
    files: list[str], capsys: pytest.CaptureFixture[str], number: int, old: str, new: str, told: str
) -> None:
    path = Path(files[number])
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert run(["eval", "--env", "pddl", *files, "--policy", "solver"]) == 2
    error = capsys.readouterr().err
    assert f"{path} {told}" in error and error.count("\n") == 1


def test_other_mistakes_are_told(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line, told in (
        (["--task", files[1], str(tmp_path / "none")], "cannot read"),
        (["--task", files[1], "/dev/zero"], "/dev/zero: a PDDL text has at most 60,000 characters"),
        (["--task", files[1], files[1]], "a problem begins with (define (problem name)"),
    ):
        assert run(["eval", "--env", "pddl", *line, "--policy", "solver"]) == 2
        assert told in capsys.readouterr().err
    assert run(["eval", "--env", "sudoku", *files, "--policy", "solver"]) == 2
    assert "--task DOMAIN PROBLEM belongs to --env pddl" in capsys.readouterr().err


def test_the_plan_passes() -> None:
    assert Pddl.verify(Pddl.task_from_payload({"domain": DOMAIN, "problem": PROBLEM}), PLAN).passed
