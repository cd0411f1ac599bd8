"""Challenges: tasks that follow from the digest of the weights, and what becomes of them on a board."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import esreason
from esreason.cli import run as main
from esreason.cli.challenge import _names
from esreason.cli.provenance import follow
from esreason.core.errors import SubmissionError
from esreason.core.statistics import wilson
from esreason.leaderboard.audit import audit
from esreason.leaderboard.board import Board
from esreason.leaderboard.challenge import challenge_seeds
from esreason.leaderboard.check import Checked, check
from esreason.leaderboard.standing import standing
from esreason.rollout.scripted import play
from esreason.rollout.transcript import line_of
from tests.cli.conftest import call
from tests.leaderboard._tampering import Files, Lines, lines_of, rechained

NAMES = ("config.toml", "transcripts.jsonl", "result.json")


@pytest.fixture(scope="module")
def challenge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("challenge")
    done = call("challenge", "sprout", "--env", "sorting", "--episodes", "8", "--nonce", "n", "--workers", "1",
                "--out", "out", "--json", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((folder / "out" / "result.json").read_text())
    return folder / "out"


def test_a_challenge_writes_what_its_schema_says(challenge: Path) -> None:
    schema = json.loads((Path(__file__).resolve().parents[2] / "leaderboards" / "challenge.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    result = json.loads((challenge / "result.json").read_text())
    jsonschema.validate(result, schema)
    for name in schema["required"]:
        with pytest.raises(jsonschema.ValidationError, match=f"'{name}' is a required property"):
            jsonschema.validate({key: value for key, value in result.items() if key != name}, schema)


def test_the_tasks_follow_from_everything_that_was_committed_to() -> None:
    given: list[Any] = ["a" * 64, "n", "sorting", 0, 1, 50]
    seeds = challenge_seeds(*given)
    assert seeds == challenge_seeds(*given)
    assert len({*seeds}) == 50 and min(seeds) > 10**6
    for place, other in enumerate(("b" * 64, "m", "hanoi", 1, 2)):
        changed = [*given[:place], other, *given[place + 1 :]]
        assert not {*seeds} & {*challenge_seeds(*changed)}
    assert challenge_seeds(*given[:5], 3) == seeds[:3]


def test_a_challenge_is_verified_submitted_marked_checked_and_reproduced(
    challenge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads((challenge / "result.json").read_text())
    lines = lines_of({"transcripts.jsonl": (challenge / "transcripts.jsonl").read_bytes()}, "transcripts.jsonl")
    seeds = challenge_seeds(result["weights_sha256"], "n", "sorting", 0, 1, 8)
    tasks = [esreason.make_task("sorting", seed, 1, "test").to_dict() for seed in seeds]
    assert [line["task"] for line in lines] == tasks

    def said(*arguments: object) -> str:
        assert main([*map(str, arguments)]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    monkeypatch.chdir(tmp_path)
    assert said("verify", challenge) == "8 episodes replayed, no difference.\n"
    assert f"test seed {seeds[2]}" in said("show", challenge, "--episode", 2)
    entry = json.loads(said("submit", challenge, "--board", "board", "--json"))["id"]
    board = Board(tmp_path / "board")
    rows = standing(board)
    assert [(row.kind, row.tasks) for row in rows if row.kind != "null"] == [("challenge", "challenge")]
    assert {row.player for row in rows if row.tasks == "challenge"} == {"sprout", "solver", "random", "empty"}
    for columns, mark in ((80, "sorting (\N{DAGGER}) "), (120, "sorting (challenge) ")):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert said("leaderboard", "--board", "board").count(mark) == 4
    assert check(board, follow, workers=1) == Checked(1, 1)
    told = said("reproduce", entry, "--board", "board", "--workers", 1)
    assert told == "challenge: all 8 episodes are the same, action for action\n"
    assert board.entries()[0]["class"] == "reproduced"
    (tmp_path / "other").mkdir()
    for file in NAMES:
        (tmp_path / "other" / file).write_bytes((challenge / file).read_bytes())
    (tmp_path / "other" / "result.json").write_text(json.dumps({**result, "nonce": "m"}))
    assert main(["verify", "other"]) == 1
    assert "line 1: its task is not the one that follows" in capsys.readouterr().out


@pytest.fixture(scope="module")
def several(challenge: Path) -> Path:
    """The same model, nonce and number of tasks as alone, in the company of two other environments."""
    done = call("challenge", "sprout", "--env", "hanoi,sorting,sudoku", "--episodes", "8", "--nonce", "n", "--workers",
                "1", "--out", "several", "--json", cwd=challenge.parent)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    digests = {result["weights_sha256"] for result in told["challenges"]}
    assert digests == {told["weights_sha256"]} and told["nonce"] == "n"
    assert [result["env"] for result in told["challenges"]] == ["hanoi", "sorting", "sudoku"]
    return challenge.parent / "several"


def test_the_choice_of_environments_steers_no_tasks(challenge: Path, several: Path) -> None:
    """What is played of an environment is the same, byte for byte, whatever is challenged beside it."""
    for file in ("config.toml", "transcripts.jsonl"):
        assert (several / "sorting" / file).read_bytes() == (challenge / file).read_bytes()
    free = {"run", "seconds", "device_seconds"}
    alone, beside = (json.loads((path / "result.json").read_text()) for path in (challenge, several / "sorting"))
    assert {name for name in alone.keys() | beside.keys() if alone.get(name) != beside.get(name)} <= free
    seeds: dict[str, set[int]] = {}
    for env in ("hanoi", "sorting", "sudoku"):
        files = {"transcripts.jsonl": (several / env / "transcripts.jsonl").read_bytes()}
        seeds[env] = {line["task"]["seed"] for line in lines_of(files, "transcripts.jsonl")}
        version = json.loads((several / env / "result.json").read_text())["env_version"]
        assert seeds[env] == {*challenge_seeds(alone["weights_sha256"], "n", env, version, 1, 8)}
    assert len(set().union(*seeds.values())) == 24  # and no environment's seeds tell those of another


def test_each_of_several_challenges_is_a_row(several: Path, tmp_path: Path) -> None:
    board = Board(tmp_path / "board")
    for env in ("hanoi", "sorting", "sudoku"):
        assert main(["verify", str(several / env)]) == 0
        assert board.add(audit(several / env, follow, workers=1))
    assert check(board, follow, workers=1) == Checked(3, 3)
    rows = [row for row in standing(board) if row.kind == "challenge"]
    assert [(row.env, row.player, row.n, list(row.rates)) for row in rows] == [
        (env, "sprout", 8, ["pass@1"]) for env in ("hanoi", "sorting", "sudoku")
    ]
    lines = (several / "sudoku" / "transcripts.jsonl").read_bytes()
    forged = tmp_path / "forged"
    shutil.copytree(several / "hanoi", forged)
    (forged / "transcripts.jsonl").write_bytes(lines)  # the episodes of another environment of the same commitment
    with pytest.raises(SubmissionError, match=r"transcripts\.jsonl line 1, task\.env"):
        audit(forged, follow, workers=1)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "a challenge is of --env NAME"),
        (["--env", "hanoi", "--all"], "a challenge is of --env NAME"),
        (["--env", "hanoi,hanoi"], "'hanoi' is named twice"),
        (["--family", "nothing"], "There is no family named 'nothing'"),
        (["--env", "hanoi,sorting", "--level", "99"], "hanoi has levels 1 to"),
    ],
)
def test_environments_that_cannot_be_challenged_are_refused(
    given: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["challenge", "sprout", *given]) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_families_and_all_name_every_environment_of_theirs() -> None:
    infos = esreason.list_envs()
    assert _names(None, None, True) == tuple(info.name for info in infos)
    assert _names(None, "puzzles", False) == tuple(info.name for info in infos if info.family == "puzzles")
    assert _names("sudoku,hanoi", None, False) == ("sudoku", "hanoi")


def solved(lines: Lines, seeds: list[int]) -> None:
    """The solver's episodes on the tasks of these seeds, under the model's name."""
    for line, seed in zip(lines, seeds, strict=True):
        [episode] = play("solver", [esreason.make_task("sorting", seed, 1, "test")], 1, "steps")
        line.update({**line_of(episode, "challenge", line["index"], ""), "prompt_sha256": line["prompt_sha256"]})


def edited(files: Files, **fields: Any) -> Files:
    result = {**json.loads(files["result.json"]), **fields}
    return {**files, "result.json": json.dumps(result).encode()}


def forged(files: Files, change: Callable[[Lines], object], **fields: Any) -> Files:
    lines = lines_of(files, "transcripts.jsonl")
    change(lines)
    return edited(rechained(files, lines), **fields)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("other weights", "transcripts.jsonl line 1, task.seed"),
        ("other nonce", "transcripts.jsonl line 1, task.seed"),
        ("long nonce", "result.json, nonce"),
        ("tasks of one's own", "transcripts.jsonl line 1, task.seed"),
        ("a failure dropped", "transcripts.jsonl line 7"),
        ("phase of a run", "transcripts.jsonl line 1, phase"),
        ("score", "result.json, challenge.score"),
        ("pass@1", "result.json, rates.challenge"),
        ("more", "result.json, drift"),
        ("bundled model's weights", "result.json, weights_sha256"),
    ],
)
def test_a_challenge_that_does_not_follow_is_refused(challenge: Path, tmp_path: Path, name: str, says: str) -> None:
    files = {file: (challenge / file).read_bytes() for file in NAMES}
    result = json.loads(files["result.json"])
    summary = result["challenge"]
    other = challenge_seeds("b" * 64, "n", "sorting", 0, 1, 8)
    variants: dict[str, Callable[[], Files]] = {
        "other weights": lambda: edited(files, weights_sha256="b" * 64),
        "other nonce": lambda: edited(files, nonce="m"),
        "long nonce": lambda: edited(files, nonce="n" * 101),
        "tasks of one's own": lambda: forged(files, lambda lines: solved(lines, list(range(8)))),
        "a failure dropped": lambda: forged(files, lambda lines: lines.pop()),
        "phase of a run": lambda: forged(files, lambda lines: [line.update(phase="tuned") for line in lines]),
        "score": lambda: edited(files, challenge={**summary, "score": 1.0}),
        "pass@1": lambda: edited(files, rates={"challenge": {"pass@1": 1.0}}),
        "more": lambda: edited(files, drift=0.0),
        # consistent from end to end, yet sprout does not have these weights
        "bundled model's weights": lambda: forged(
            files, lambda lines: solved(lines, other), weights_sha256="b" * 64,
            challenge={"score": 1.0, "ci95": list(wilson(8, 8)), "n": 8},
            rates={"challenge": {"pass@1": 1.0}}, regret={"challenge": {"steps": 0.0, "n": 8}},
            test_tokens={"challenge": 0}, test_tokens_out={"challenge": 0},
        ),
    }  # fmt: skip
    folder = tmp_path / "forged"
    shutil.copytree(challenge, folder)
    for file, data in variants[name]().items():
        (folder / file).write_bytes(data)
    with pytest.raises(SubmissionError) as error:
        audit(folder, follow, workers=1)
    assert str(error.value).startswith(says)
