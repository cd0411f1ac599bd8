"""Boards through the command line, as a user meets them."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from esreason.cli import run as main
from esreason.core.registry import env_class
from tests.cli.conftest import Esreason, call

Tiny = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def place(tiny_run: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a board of one run."""
    folder = tmp_path_factory.mktemp("place")
    done = call("submit", tiny_run[0], cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "24 episodes replayed" in done.stdout
    return folder


def test_submitting_again_is_recognised(place: Path, tiny_run: Tiny) -> None:
    before = (place / "leaderboard" / "index.jsonl").read_bytes()
    done = call("submit", tiny_run[0], "--json", cwd=place)
    assert json.loads(done.stdout)["new"] is False
    assert (place / "leaderboard" / "index.jsonl").read_bytes() == before


def test_a_tampered_copy_is_refused_in_one_line(place: Path, tiny_run: Tiny, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_run[0], copy)
    text = (copy / "transcripts.jsonl").read_text()
    (copy / "transcripts.jsonl").write_text(text.replace('"tokens":', '"tokens":1', 1))
    done = call("submit", copy, "--board", "other", cwd=place)
    assert done.returncode == 1
    assert done.stdout == ""
    says = "transcripts.jsonl line 1, hash: it does not follow from this line and the one before."
    assert done.stderr == f"esreason: {says}\n"
    assert not (place / "other").exists()


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_table_fits(place: Path, tiny_run: Tiny, columns: str) -> None:
    done = call("leaderboard", cwd=place, COLUMNS=columns)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    assert "…" not in done.stdout
    for word in ("rank", "player", "env", "score", "class", "sprout + ES", "sorting", "solver", "random", "empty",
                 "replayed", f"{100 * tiny_run[1]['tuned']['score']:.1f} %"):  # fmt: skip
        assert word in done.stdout, word


def test_every_form_says_the_same(place: Path, tiny_run: Tiny) -> None:
    rows = json.loads(call("leaderboard", "--json", cwd=place).stdout)
    assert {row["player"] for row in rows} == {"sprout", "sprout + ES", "solver", "random", "empty"}
    by_name = {row["player"]: row for row in rows}
    assert by_name["sprout + ES"]["score"] == tiny_run[1]["tuned"]["score"]
    assert by_name["sprout"]["ci95"] == tiny_run[1]["base"]["ci95"]
    assert by_name["solver"]["score"] == 1.0
    listed = list(csv.DictReader(call("leaderboard", "--csv", cwd=place).stdout.splitlines()))
    assert [(row["player"], float(row["score"])) for row in listed] == [(row["player"], row["score"]) for row in rows]
    assert call("leaderboard", "--markdown", cwd=place).stdout.count("\n") == len(rows) + 2
    assert json.loads(call("leaderboard", "--json", "--env", "hanoi", cwd=place).stdout) == []
    own = by_name["sprout"]["family"]
    for family, count in ((own, 5), ("programs", 0)):
        done = call("leaderboard", "--json", "--family", family, "--sort", "score", cwd=place)
        assert len(json.loads(done.stdout)) == count


def test_check_passes_and_then_finds_a_changed_entry(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "leaderboard", tmp_path / "leaderboard")
    assert call("leaderboard", "--check", cwd=tmp_path).returncode == 0
    [entry] = (tmp_path / "leaderboard" / "entries").iterdir()
    text = (entry / "result.json").read_text()
    (entry / "result.json").write_text(text.replace('"level": 1', '"level": 2'))
    done = call("leaderboard", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"esreason: entries/{entry.name}/result.json, level:")


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("index.jsonl", '"scores":{', '"scored":{', "lacks 'scores'"),
        ("index.jsonl", '"scores":{"base":[', '"scores":{"base":[7,', "not from 0 to 1"),
        ("index.jsonl", '"level":1', '"level":"1"', "wrong type"),
        ("index.jsonl", "esreason.index/1", "esreason.index/2", "of the schema esreason.index/2; this version"),
        ("index.jsonl", '"op":"add"', '"op":"crown"', "neither adds"),
        ("index.jsonl", '"id":"sorting-', '"id":"../', "names no entry"),
        ("index.jsonl", "{", "", "not the JSON wanted"),
        ("nulls", '"scores":{', '"scored":{', "no record of null rows"),
        ("nulls", '"level":1', '"level":"one"', "no record of null rows"),
    ],
)
def test_a_damaged_board_is_told_in_a_line(
    place: Path, tmp_path: Path, name: str, old: str, new: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    board = tmp_path / "board"
    shutil.copytree(place / "leaderboard", board)
    path = board / name if name != "nulls" else next((board / name).iterdir())
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert main(["leaderboard", "--board", str(board)]) == 1
    told = capsys.readouterr()
    assert told.out == "" and says in told.err and len(told.err.splitlines()) == 1


def test_the_page_needs_no_network(place: Path) -> None:
    done = call("leaderboard", "--html", "page.html", cwd=place)
    assert done.returncode == 0, done.stderr
    text = (place / "page.html").read_text()
    assert "sprout + ES" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert str(place) not in text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["leaderboard"], 1, "esreason submit"),
        (["leaderboard", "--board", "nowhere", "--json"], 1, "nowhere"),
        (["submit", "nowhere"], 1, "no run folder"),
        (["show", "nowhere"], 1, "no transcripts"),
        (["compare", "nowhere", "nowhere"], 1, "no run folder"),
    ],
)
def test_errors_name_the_way_out(esreason: Esreason, arguments: list[str], code: int, says: str) -> None:
    done = esreason(*arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_show_prints_an_episode_and_compare_a_verdict(place: Path, tiny_run: Tiny) -> None:
    shown = call("show", tiny_run[0], "--episode", "3", "--phase", "base", cwd=place)
    assert shown.returncode == 0, shown.stderr
    assert "sorting level 1, test seed 3, base" in shown.stdout
    assert env_class("sorting").instructions("steps") in shown.stdout
    assert "score" in shown.stdout.splitlines()[-1]
    assert call("show", tiny_run[0], "--episode", "12", cwd=place).returncode == 1
    compared = call("compare", tiny_run[0], tiny_run[0], cwd=place)
    assert "They cannot be told apart: of 12 tasks" in " ".join(compared.stdout.split()), compared.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudoterminals")
def test_show_breaks_no_word_in_a_terminal(place: Path, tiny_run: Tiny) -> None:
    import pty

    master, slave = pty.openpty()
    command = [sys.executable, "-P", "-m", "esreason", "show", str(tiny_run[0])]
    around = {**os.environ, "COLUMNS": "60", "TERM": "xterm"}
    done = subprocess.run(command, cwd=place, stdin=slave, stdout=slave, stderr=slave, check=False, env=around)
    os.close(slave)
    with os.fdopen(master, "rb", buffering=0) as terminal:
        text = re.sub(r"\x1b\[[\d;]*m", "", terminal.read(2**16).decode())
    assert done.returncode == 0
    assert max(map(len, text.splitlines())) <= 60
    assert " ".join(env_class("sorting").instructions("steps").split()) in " ".join(text.split())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"phase": None}, "line 1 is no episode"),
        ({"task": "sorting"}, "line 1 is no episode"),
        ({"task": {"env": "sorting"}}, "line 1 is no episode"),
        ({"verdict": {"score": "1"}}, "line 1 is no episode"),
        ({"verdict": {"score": 1.0}}, "damaged at this episode"),
        ({"observations": 7}, "damaged at this episode"),
        ({"actions": None}, "damaged at this episode"),
    ],
)
def test_show_tells_a_damaged_episode_in_a_sentence(
    tmp_path: Path, tiny_run: Tiny, change: dict[str, Any], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_run[0], tmp_path / "run")
    path = tmp_path / "run" / "transcripts.jsonl"
    line = {**json.loads(path.read_text().splitlines()[-1]), **change}
    path.write_text(json.dumps(line) + "\n")
    assert main(["show", str(tmp_path / "run")]) == 1
    told = capsys.readouterr().err
    assert says in told and len(told.splitlines()) == 1
