"""Checking a whole board from its files alone, as a pull request to a published one is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from esreason.core.errors import SubmissionError
from esreason.core.packed import stored_path
from esreason.leaderboard.audit import Follow, Submission, audit
from esreason.leaderboard.board import Board, index_line
from esreason.leaderboard.identity import Identity, identity
from esreason.leaderboard.nulls import null_file, null_record, null_text, read_nulls
from esreason.leaderboard.reading import MAX_BYTES, json_of, plain, read_file, text_of
from esreason.leaderboard.replay import Progress, silent


@dataclass(slots=True)
class Checked:
    """What stood up: entries and files of null rows, and those whose environment's code has changed since."""

    entries: int = 0
    nulls: int = 0
    changed: list[str] = field(default_factory=list)


def check(board: Board, follow: Follow, workers: int = 0, progress: Progress = silent) -> Checked:
    """Verify every entry and every null row; SubmissionError at the first difference, with all stale null rows."""
    seen, runs, checked = set[str](), dict[str, list[tuple[Identity, str]]](), Checked()
    for number, line in enumerate(board.lines(), 1):
        where = f"index.jsonl line {number}"
        if line.get("op") == "add":
            if line["id"] in seen:
                raise SubmissionError(f"{where}: {line['id']} is there twice.")
            seen.add(line["id"])
            submission = _entry(board, line, where, follow, workers, progress)
            own = identity(submission.files)
            for other, twin in runs.setdefault(own.played, []):
                if own.same(other):
                    raise SubmissionError(
                        f"{where}: {line['id']} is the same run as {twin}, with other claims about it."
                    )
            runs[own.played].append((own, line["id"]))
            if not submission.current:
                checked.changed.append(f"entries/{line['id']}")
        elif line["id"] not in seen:
            raise SubmissionError(f"{where}: it speaks of an entry that no earlier line adds.")
    folder = board.entries_path
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in seen) if folder.is_dir() else []
    if strangers:
        raise SubmissionError(f"entries/{plain(strangers[0])} is not in the index.")
    checked.entries = len(seen)
    _nulls(board, checked)
    return checked


def _entry(
    board: Board, line: dict[str, Any], where: str, follow: Follow, workers: int, progress: Progress
) -> Submission:
    """Verify an entry."""
    folder = board.entries_path / line["id"]
    try:
        submission = audit(folder, follow, workers, progress, stored=True)
    except SubmissionError as error:
        raise SubmissionError(f"entries/{line['id']}/{error}") from None
    extra = sorted({path.name for path in folder.iterdir()} - {stored_path(folder / n).name for n in submission.files})
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
    return submission


def _nulls(board: Board, checked: Checked) -> None:
    stale = []
    for path in read_nulls(board.nulls_path):
        checked.nulls += 1
        name = f"nulls/{path.name}"
        kept, fresh = _replayed(path, name)
        if null_text(fresh) == null_text(kept):
            continue
        if kept.get("code") == fresh["code"]:
            raise SubmissionError(f"{name}: it does not follow from playing again.")
        if null_text({**kept, "code": fresh["code"]}) == null_text(fresh):
            checked.changed.append(name)
        else:
            stale.append(f"{fresh['env']} level {fresh['level']} ({fresh['mode']})")
    if stale:
        raise SubmissionError(
            f"The code of {len(stale)} environments has changed since their null rows were played, and so have the "
            f"rows: {', '.join(stale)}.\n`esreason leaderboard --board {board.path} --refresh` plays them again."
        )


def _replayed(path: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A file of null rows as it is, and played again."""
    text = text_of(read_file(path, MAX_BYTES["result.json"]), name)
    kept = json_of(text, name)
    try:
        fresh = null_record(str(kept["env"]), int(kept["level"]), str(kept["mode"]), int(kept["n"]))
    except (KeyError, TypeError, ValueError) as error:
        raise SubmissionError(f"{name}: {plain(error)}.") from None
    if null_text(kept) != text or null_file(kept) != path.name:
        raise SubmissionError(f"{name}: it is not written as a board writes it.")
    return kept, fresh
