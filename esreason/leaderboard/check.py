"""Checking a whole board from its files alone, as a pull request to a published one is."""

from __future__ import annotations

from typing import Any

from esreason.core.errors import SubmissionError
from esreason.leaderboard.audit import Follow, audit
from esreason.leaderboard.board import Board, index_line
from esreason.leaderboard.nulls import null_file, null_record, null_text, read_nulls
from esreason.leaderboard.reading import MAX_BYTES, json_of, plain, read_file, text_of
from esreason.leaderboard.replay import Progress, silent


def check(board: Board, follow: Follow, workers: int = 0, progress: Progress = silent) -> tuple[int, int]:
    """Verify every entry and every null row: how many there are of each. SubmissionError at the first difference."""
    seen: set[str] = set()
    for number, line in enumerate(board.lines(), 1):
        where = f"index.jsonl line {number}"
        if line.get("op") == "add":
            if line["id"] in seen:
                raise SubmissionError(f"{where}: {line['id']} is there twice.")
            seen.add(line["id"])
            _entry(board, line, where, follow, workers, progress)
        elif line["id"] not in seen:
            raise SubmissionError(f"{where}: it speaks of an entry that no earlier line adds.")
    folder = board.entries_path
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in seen) if folder.is_dir() else []
    if strangers:
        raise SubmissionError(f"entries/{plain(strangers[0])} is not in the index.")
    return len(seen), _nulls(board)


def _entry(
    board: Board, line: dict[str, Any], where: str, follow: Follow, workers: int, progress: Progress
) -> None:
    folder = board.entries_path / line["id"]
    try:
        submission = audit(folder, follow, workers, progress)
    except SubmissionError as error:
        raise SubmissionError(f"entries/{line['id']}/{error}") from None
    extra = sorted({path.name for path in folder.iterdir()} - set(MAX_BYTES))
    if extra:
        raise SubmissionError(f"entries/{line['id']}/{plain(extra[0])} does not belong to an entry.")
    expected = index_line(submission, submission.files)
    # Whether the weights were rebuilt depends on the machine: an earlier check with the base at hand stands.
    if line.get("weights") == "checked" or not submission.weights:
        expected["weights"] = line.get("weights")
    for name in sorted(expected.keys() | line.keys()):
        if name not in line or name not in expected or line[name] != expected[name]:
            raise SubmissionError(f"{where}, {plain(name)}: it does not follow from entries/{line['id']}.")
    if line["weights"] not in ("checked", "not checked"):
        raise SubmissionError(f"{where}, weights: it is neither checked nor not checked.")


def _nulls(board: Board) -> int:
    paths = read_nulls(board.nulls_path)
    for path in paths:
        name = f"nulls/{path.name}"
        text = text_of(read_file(path, MAX_BYTES["result.json"]), name)
        record = json_of(text, name)
        try:
            fresh = null_record(str(record["env"]), int(record["level"]), str(record["mode"]), int(record["n"]))
        except (KeyError, TypeError, ValueError) as error:
            raise SubmissionError(f"{name}: {plain(error)}.") from None
        if null_text(fresh) != text or null_file(fresh) != path.name:
            raise SubmissionError(f"{name}: it does not follow from playing again.")
    return len(paths)
