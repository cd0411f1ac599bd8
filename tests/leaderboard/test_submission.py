"""An honest run gets onto a board; everything else leaves it byte for byte as it was."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import esreason
from esreason.cli import run as main
from esreason.cli.provenance import follow
from esreason.core import packed
from esreason.core.errors import SubmissionError
from esreason.core.packed import pack
from esreason.core.task import Task
from esreason.leaderboard.audit import audit
from esreason.leaderboard.board import Board
from esreason.leaderboard.check import Checked, check
from esreason.leaderboard.identity import identity
from esreason.leaderboard.nulls import null_text
from esreason.leaderboard.standing import standing
from esreason.report.page import page
from esreason.rollout.scripted import play
from esreason.rollout.transcript import line_of
from tests.cli.conftest import call
from tests.leaderboard._tampering import Files, lines_of, packings, rechained, variants, written

NAMES = ("config.toml", "seedlog.jsonl", "transcripts.jsonl", "result.json")
LONG = NAMES[1:3]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def submit(folder: Path, board: Board) -> bool:
    return board.add(audit(folder, follow, workers=1))


def place(folder: Path, files: Files) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def board(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Board:
    made = Board(tmp_path_factory.mktemp("board"))
    assert submit(run, made)
    return made


def test_an_honest_run_is_taken_once_and_checked(run: Path, board: Board) -> None:
    before = snapshot(board.path)
    assert not submit(run, board)
    assert snapshot(board.path) == before
    [entry] = board.entries()
    assert entry["weights"] == "checked"
    assert check(board, follow, workers=1) == Checked(1, 1)
    stored = json.loads((board.entries_path / entry["id"] / "result.json").read_text())
    assert stored["run"] == "run"
    assert str(run.parent) not in "".join(map(str, snapshot(board.path).values()))


def test_every_tampered_variant_is_refused_and_the_board_stays_as_it_is(
    run: Path, board: Board, tmp_path: Path
) -> None:
    files = {name: (run / name).read_bytes() for name in NAMES}
    before, taken, count = snapshot(board.path), [], 0
    for name, forged in variants(files):
        count += 1
        try:
            submit(place(tmp_path / "forged", forged), board)
        except SubmissionError as error:
            assert len(str(error).splitlines()) == 1 and any(file in str(error) for file in NAMES), (name, error)
            assert str(error).isprintable(), name
        else:
            taken.append(name)
    assert taken == []
    assert count >= 200
    assert snapshot(board.path) == before


def test_an_entry_is_kept_packed_and_read_as_it_was(
    run: Path, board: Board, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [entry] = board.entries()
    folder = board.entries_path / entry["id"]
    files = {name: (run / name).read_bytes() for name in NAMES}
    assert {path.name for path in folder.iterdir()} == {*NAMES[::3], *(f"{name}.gz" for name in LONG)}
    for name in LONG:
        assert gzip.decompress((folder / f"{name}.gz").read_bytes()) == files[name]
        assert entry["sha256"][name] == hashlib.sha256(files[name]).hexdigest()

    def told(*arguments: object) -> str:
        assert main(list(map(str, arguments))) == 0
        return capsys.readouterr().out

    shown = told("leaderboard", "--board", board.path, "--json"), board_page(board)
    plain, own = dict.fromkeys(LONG), place(tmp_path / "run", files)
    commands = ["show", own, "--episode", 3], ["show", own, "--json"], ["compare", own, own], ["verify", own]
    told_of_plain = [told(*command) for command in commands]
    for form in (plain, {**plain, "transcripts.jsonl": 1}, dict.fromkeys(LONG, 6)):  # as older versions, as others do
        again = Board(tmp_path / "board")
        shutil.rmtree(again.path, ignore_errors=True)
        shutil.copytree(board.path, again.path)
        repacked(again.entries_path / entry["id"], files, form)
        assert check(again, follow, workers=1) == Checked(1, 1)
        assert (told("leaderboard", "--board", again.path, "--json"), board_page(again)) == shown
        repacked(place(own, files), files, form)
        before = snapshot(again.path)
        assert not submit(own, again) and snapshot(again.path) == before
        fresh = Board(tmp_path / f"fresh-{len(list(tmp_path.iterdir()))}")
        assert submit(own, fresh) and snapshot(fresh.path) == snapshot(board.path)
        assert [told(*command) for command in commands] == told_of_plain
    assert json.loads(told("export", own, tmp_path / "tuned", "--json"))["weights_sha256"] == entry["weights_sha256"]
    assert main(["resume", str(own)]) == 1  # `own` is packed by now
    assert f"`gunzip {own}/seedlog.jsonl.gz` first" in capsys.readouterr().err


def board_page(board: Board) -> str:
    return page([row for row in standing(board) if row.entry], [], board)


def repacked(folder: Path, files: Files, form: dict[str, int | None]) -> None:
    """The long files plain, or packed at a level, whatever they were."""
    for name, level in form.items():
        (folder / name).unlink(missing_ok=True)
        (folder / f"{name}.gz").unlink(missing_ok=True)
        if level is None:
            (folder / name).write_bytes(files[name])
        else:
            (folder / f"{name}.gz").write_bytes(gzip.compress(files[name], level, mtime=0))


def test_a_badly_packed_entry_is_told_in_a_sentence_by_all_that_read_it(
    run: Path, board: Board, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [entry] = board.entries()
    shutil.copytree(board.path, tmp_path / "board")
    again = Board(tmp_path / "board")
    folder = again.entries_path / entry["id"]
    files = {name: (board.entries_path / entry["id"] / name).read_bytes() for name in NAMES[::3]}
    files.update({name: (run / name).read_bytes() for name in LONG})
    monkeypatch.setattr(packed, "MAX_UNPACKED", 2**22)
    drawn = importlib.util.find_spec("matplotlib") is not None
    plots = [["plot", folder, "--out", tmp_path / "plots"]] if drawn else []
    bombs = [(f"{name}, a bomb", {**{n: d for n, d in files.items() if n != name}, f"{name}.gz": pack(bytes(2**23))})
             for name in LONG]  # fmt: skip
    for what, forged in [*packings(files), *bombs]:
        place(folder, forged)
        with pytest.raises(SubmissionError, match=f"^entries/{entry['id']}/") as error:
            check(again, follow, workers=1)
        assert str(error.value).isprintable(), what
        for command in (["show", folder], ["verify", folder], ["compare", folder, folder],
                        ["leaderboard", "--board", again.path, "--html", tmp_path / "page.html"],
                        ["export", folder, tmp_path / "tuned"], *plots):  # fmt: skip
            code = main(list(map(str, command)))
            told = capsys.readouterr().err
            assert code in (0, 1) and len(told.splitlines()) <= 1 and told.isascii(), (what, command, told)
            shutil.rmtree(tmp_path / "tuned", ignore_errors=True)


@pytest.mark.parametrize("name", NAMES)
def test_links_pipes_and_giants_are_not_read(run: Path, board: Board, tmp_path: Path, name: str) -> None:
    before = snapshot(board.path)
    folder = tmp_path / "forged"
    for make in ("link", "pipe", "giant", "folder"):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(run, folder)
        target = folder / name
        target.unlink()
        if make == "link":
            target.symlink_to(run / name)
        elif make == "pipe":
            os.mkfifo(target)
        elif make == "folder":
            target.mkdir()
        else:
            with target.open("wb") as file:
                file.truncate(2**30)  # sparse: a gigabyte of zeros
        with pytest.raises(SubmissionError, match=name.replace(".", r"\.")):
            submit(folder, board)
        if name in LONG:  # the same in the place of the packed one
            target.rename(folder / f"{name}.gz")
            with pytest.raises(SubmissionError, match=name.replace(".", r"\.")):
                submit(folder, board)
    (tmp_path / "elsewhere").symlink_to(run)
    with pytest.raises(SubmissionError, match="no run folder"):
        submit(tmp_path / "elsewhere", board)
    assert snapshot(board.path) == before


def test_writers_at_once_lose_nothing(run: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    made, submission = Board(tmp_path / "board"), audit(run, follow, workers=1)
    forged = [searched(submission.files, k) for k in range(8)]
    several = [replace(submission, id=f"sorting-{k:016x}", files=files, result=json.loads(files["result.json"]))
               for k, files in enumerate(forged)]  # fmt: skip
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda one: Board(made.path).add(one), several))
    assert {entry["id"] for entry in made.entries()} == {one.id for one in several}


def test_a_withdrawn_entry_leaves_a_tombstone(run: Path, tmp_path: Path) -> None:
    made = Board(tmp_path / "board")
    submit(run, made)
    [entry] = made.entries()
    made.withdraw(entry["id"], "the wrong run")
    assert made.entries() == []
    assert len(made.lines()) == 2
    with pytest.raises(SubmissionError, match="the wrong run"):
        submit(run, made)
    assert check(made, follow, workers=1) == Checked(1, 1)


def searched(files: Files, seed: int, weights: str = "") -> Files:
    """The files of a search with other seeds, to these weights; nothing else redone."""
    head, first, *rest = lines_of(files, "seedlog.jsonl")
    first["seeds"] = [number + seed for number in first["seeds"]]
    result = json.loads(files["result.json"])
    result["weights_sha256"] = result["base_sha256"] if weights == "base" else weights or f"{seed:064x}"
    return {**files, "seedlog.jsonl": written([head, first, *rest]), "result.json": json.dumps(result).encode()}


def test_runs_that_play_alike_are_told_apart_by_their_search(run: Path) -> None:
    files = {name: (run / name).read_bytes() for name in NAMES}
    lines = lines_of(files, "transcripts.jsonl")
    lines[0]["actions"][0] += " "
    unsearched = written(lines_of(files, "seedlog.jsonl")[:1])
    cases = [
        (searched(files, 0, "a" * 64), searched(files, 0, "b" * 64), True),  # digests that some machine cannot check
        (searched(files, 0, "a" * 64), searched(files, 1, "a" * 64), True),
        (searched(files, 0, "a" * 64), searched(files, 1, "b" * 64), False),  # two runs that solve the same
        (searched(files, 0, "base"), searched(files, 1, "base"), False),  # two seeds that never beat their base
        (searched(files, 0, "base"), searched(files, 0, "base"), True),
        (searched(files, 0, "base"), {**searched(files, 1), "seedlog.jsonl": unsearched}, True),
        (files, {**files, "transcripts.jsonl": written(lines)}, False),
    ]
    for number, (a, b, same) in enumerate(cases):
        assert identity(a).same(identity(b)) is same and identity(b).same(identity(a)) is same, number


def with_base(files: Files, base: str, cut: bool = False) -> Files:
    """The run as one of a base that is not at hand, everything about its weights invented; its log cut or not."""
    config = files["config.toml"].replace(b'model = "sprout"', b'model = "elsewhere"')
    head, *lines = lines_of(files, "seedlog.jsonl")
    head |= {"base_sha256": base * 64, "config_sha256": hashlib.sha256(config).hexdigest()}
    lines = [{**line, "checksum": base * 16} for line in lines if not cut]
    result = json.loads(files["result.json"])
    result |= {"model": "elsewhere", "base_sha256": base * 64, "weights_sha256": base * 63 + "0"}
    if cut:
        spent = {name: sum(result[f"test_{name}"].values()) + head[name] for name in ("tokens", "tokens_out")}
        result |= {"iterations": 0, "checkpoint": 0, "stopped": "", "episodes": 24 + head["episodes"], **spent}
    forged = {**files, "config.toml": config, "seedlog.jsonl": written([head, *lines]),
              "result.json": json.dumps(result).encode()}  # fmt: skip
    return rechained(forged, lines_of(files, "transcripts.jsonl"))


@pytest.mark.parametrize("cut", [False, True], ids=["another base", "a log without steps"])
def test_a_run_of_a_base_that_is_not_at_hand_is_taken_once(run: Path, tmp_path: Path, cut: bool) -> None:
    files = {name: (run / name).read_bytes() for name in NAMES}
    made = Board(tmp_path / "board")
    assert submit(place(tmp_path / "run", with_base(files, "a")), made)
    [entry] = made.entries()
    assert entry["weights"] == "not checked"
    again = audit(place(tmp_path / "forged", with_base(files, "b", cut)), follow, workers=1)
    before = snapshot(made.path)
    with pytest.raises(SubmissionError, match=f"{entry['id']} on this board is the same run"):
        made.add(again)
    assert snapshot(made.path) == before


@pytest.mark.parametrize("claim", ["validation", "tokens"])
def test_a_run_with_other_claims_is_the_same_run(run: Path, tmp_path: Path, claim: str) -> None:
    """Nobody can check the validation scores and the tokens: with others the files, and so the id, are new."""
    files = {name: (run / name).read_bytes() for name in NAMES}
    if claim == "validation":
        head, *rest = lines_of(files, "seedlog.jsonl")
        forged = {**files, "seedlog.jsonl": written([{**head, "validation": head["validation"] / 2}, *rest])}
    else:
        lines = lines_of(files, "transcripts.jsonl")
        lines[-1]["tokens"] += 1
        forged = rechained(files, lines)
        result = json.loads(forged["result.json"])
        result["tokens"] += 1
        result["test_tokens"]["tuned"] += 1
        forged["result.json"] = json.dumps(result).encode()
    again = audit(place(tmp_path / "forged", forged), follow, workers=1)
    made = Board(tmp_path / "board")
    submit(run, made)
    before = snapshot(made.path)
    [entry] = made.entries()
    assert again.id != entry["id"]
    with pytest.raises(SubmissionError, match=f"{entry['id']} on this board is the same run"):
        made.add(again)
    assert snapshot(made.path) == before
    made.withdraw(entry["id"], "the wrong run")
    with pytest.raises(SubmissionError, match="is the same run"):
        made.add(again)
    blind = Board(tmp_path / "blind")  # as a pull request may bring it
    blind.add(again)
    shutil.copytree(made.entries_path / entry["id"], blind.entries_path / entry["id"])
    blind.index_path.write_text(blind.index_path.read_text() + made.index_path.read_text().splitlines()[0] + "\n")
    with pytest.raises(SubmissionError, match=f"index.jsonl line 2: {entry['id']} is the same run as {again.id}"):
        check(blind, follow, workers=1)


def test_null_rows_of_changed_code_are_named_and_played_again(
    board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(board.path, tmp_path / "board")
    made = Board(tmp_path / "board")
    [path] = made.nulls_path.iterdir()
    honest = path.read_text()
    record = json.loads(honest)
    assert record["steps"] == [len(esreason.solve(esreason.make_task("sorting", k, 1, "test")).actions)
                               for k in range(12)]  # fmt: skip
    path.write_text(null_text({**record, "code": "0" * 64}))  # other code, the same scores
    assert check(made, follow, workers=1) == Checked(1, 1, [f"nulls/{path.name}"])
    path.write_text(null_text({**record, "code": "0" * 64, "scores": {**record["scores"], "random": [1.0] * 12}}))
    with pytest.raises(SubmissionError, match=r"so have the rows: sorting level 1 \(steps\)\.\n.*--refresh"):
        check(made, follow, workers=1)
    assert made.refresh_nulls() == [path.name]
    assert path.read_text() == honest
    assert made.refresh_nulls() == []


def test_a_run_of_other_code_is_refused_but_an_entry_that_still_replays_stays(
    run: Path, board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from esreason.core.code import Code

    before = snapshot(board.path)
    monkeypatch.setattr("esreason.leaderboard.audit.code_of", lambda *classes: Code("1" * 64, "2" * 64))
    with pytest.raises(SubmissionError, match="env_sha256: the installed code is another"):
        submit(run, board)
    [entry] = board.entries()
    assert check(board, follow, workers=1).changed == [f"entries/{entry['id']}"]
    assert snapshot(board.path) == before


@pytest.mark.parametrize("what", ["index", "scores", "stranger", "result", "null"])
def test_check_finds_a_changed_board(run: Path, board: Board, tmp_path: Path, what: str) -> None:
    shutil.copytree(board.path, tmp_path / "board")
    made = Board(tmp_path / "board")
    [entry] = made.entries()
    folder = made.entries_path / entry["id"]
    if what == "index":
        made.index_path.write_text(made.index_path.read_text().replace('"level":1', '"level":2'))
    elif what == "scores":
        made.index_path.write_text(json.dumps({**entry, "scores": {"base": [1] * 12, "tuned": [1] * 12}}) + "\n")
    elif what == "stranger":
        shutil.copytree(folder, made.entries_path / "sorting-0000000000000000")
    elif what == "result":
        path = folder / "result.json"
        path.write_text(path.read_text().replace('"python": "3', '"python": "4'))
    else:
        [path] = made.nulls_path.iterdir()
        path.write_text(path.read_text().replace('"random":[', '"random":[1.0,', 1))
    with pytest.raises(SubmissionError):
        check(made, follow, workers=1)


def test_a_forgery_consistent_from_end_to_end_passes_a_replay_and_not_a_reproduction(run: Path, tmp_path: Path) -> None:
    files = {name: (run / name).read_bytes() for name in NAMES}
    lines = lines_of(files, "transcripts.jsonl")
    for line in lines[12:]:  # the tuned phase, won by the solver, everything that follows from it redone
        [episode] = play("solver", [Task.from_dict(line["task"])], 1, "steps")
        forged = line_of(episode, "tuned", line["index"], "")
        line.update({name: forged[name] for name in ("observations", "actions", "rewards", "verdict")})
    forgery = rechained(files, lines)
    result = json.loads(forgery["result.json"])
    result["regret"]["tuned"] = {"steps": 0.0, "n": 12}  # the solver's swaps are the fewest
    made = Board(tmp_path / "board")
    assert submit(place(tmp_path / "forged", {**forgery, "result.json": json.dumps(result).encode()}), made)
    assert submit(run, made)
    forged_entry, honest = made.entries()
    assert forged_entry["scores"]["tuned"] == [1] * 12
    done = call("reproduce", forged_entry["id"], "--board", made.path, "--workers", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert "base: all 12 episodes are the same" in done.stdout
    assert "tuned: " in done.stdout and "of 12 episodes differ" in done.stdout
    done = call("reproduce", honest["id"], "--board", made.path, "--workers", "1", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reproduced"]
    assert [entry["class"] for entry in made.entries()] == ["replayed", "reproduced"]
