"""A board: a folder of entries, and an index that only grows."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from esreason.core.code import code_of
from esreason.core.errors import SubmissionError
from esreason.core.files import replace_file
from esreason.core.lock import locked
from esreason.core.mixture import names_in
from esreason.core.packed import PACKED, SUFFIX, pack
from esreason.core.registry import env_class
from esreason.leaderboard.audit import CONFIG, RESULT, Submission
from esreason.leaderboard.identity import identity
from esreason.leaderboard.nulls import good_record, null_file, null_record, null_text, read_nulls
from esreason.leaderboard.reading import MAX_BYTES, json_of, plain, read_file, read_files, text_of
from esreason.leaderboard.replay import Progress, silent

INDEX_SCHEMA = "esreason.index/1"
_ID = re.compile(r"[a-z][a-z0-9_-]{0,60}-[0-9a-f]{16}")
_KEPT = ("env", "env_version", "env_sha256", "verifier_sha256", "level", "mode", "model", "regret", "tokens",
         "tokens_out", "test_tokens", "test_tokens_out", "seconds", "device_seconds", "parameters", "engine", "dtype",
         "device", "base_sha256", "weights_sha256", "nonce", "drift", "transcripts_head", "iterations")  # fmt: skip

_NO_RECIPE = {"env", "level", "seed", "test_episodes", "time_limit"}


class Board:
    """The files of one board."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index_path = path / "index.jsonl"
        self.entries_path = path / "entries"
        self.nulls_path = path / "nulls"

    @classmethod
    def open(cls, path: Path) -> Board:
        """An existing board; SubmissionError with the way out if there is none."""
        board = cls(path)
        if not board.index_path.is_file():
            raise SubmissionError(
                f"There is no leaderboard in {path}: `esreason submit RUN --board {path}` makes one of a finished run."
            )
        return board

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the index; one that a crash cut short counts as not written."""
        try:
            text = self.index_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise SubmissionError(f"{self.index_path} cannot be read: {plain(error)}.") from None
        found = [json_of(row, "index.jsonl", number) for number, row in enumerate(text.split("\n")[:-1], 1)]
        for number, line in enumerate(found, 1):
            schema = line.get("schema")
            if schema != INDEX_SCHEMA:
                told = f"of the schema {plain(schema)}; this version reads" if schema else "not of the schema"
                raise SubmissionError(f"{self.index_path} line {number} is {told} {INDEX_SCHEMA}.")
            if not _ID.fullmatch(str(line.get("id"))):
                raise SubmissionError(f"{self.index_path} line {number} names no entry.")
            if line.get("op") not in ("add", "withdraw", "reproduce"):
                raise SubmissionError(f"{self.index_path} line {number} neither adds, withdraws nor reproduces.")
        return found

    def entries(self) -> list[dict[str, Any]]:
        """The lines of the entries that stand, withdrawn ones left out, in the order of their submission."""
        standing: dict[str, dict[str, Any]] = {}
        for line in self.lines():
            if line.get("op") == "add":
                standing.setdefault(line["id"], line)
            elif line.get("op") == "withdraw":
                standing.pop(line["id"], None)
            elif line.get("op") == "reproduce" and line["id"] in standing:
                standing[line["id"]] = {**standing[line["id"]], "class": "reproduced"}
        return list(standing.values())

    def recipe(self, identifier: str) -> str:
        """A digest of an entry's settings but for those that say where and how long it plays: runs alike in it are one
        recipe, and differ in their seed alone."""
        try:
            text = (self.entries_path / identifier / CONFIG).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SubmissionError(f"entries/{identifier}/{CONFIG} cannot be read: {error}.") from None
        kept = [line for line in text.splitlines() if line.split(" = ")[0] not in _NO_RECIPE]
        return hashlib.sha256("\n".join(kept).encode()).hexdigest()[:16]

    def find(self, identifier: str) -> dict[str, Any] | None:
        """The index's line on an entry, a withdrawn one's tombstone, or None."""
        last = None
        for line in self.lines():
            if line["id"] == identifier:
                last = line
        return last

    def add(self, submission: Submission) -> bool:
        """Add a verified submission; False if it is on the board already. Whole or not at all, one writer at a time."""
        with self._lock():
            known = self.find(submission.id)
            if known is not None and known.get("op") == "withdraw":
                raise SubmissionError(f"{submission.id} was withdrawn from this board: {plain(known.get('reason'))}.")
            if known is not None:
                return False
            twin = self._twin(submission)
            if twin is not None:
                raise SubmissionError(
                    f"{twin} on this board is the same run: the same search and actions, other claims about them."
                )
            files = {**submission.files, RESULT: published(submission.result)}
            self._place(submission.id, files)
            self._add_nulls(submission)
            self._append(index_line(submission, files))
        return True

    def _twin(self, submission: Submission) -> str | None:
        """An entry, withdrawn or not, that is the same run under another id, or None."""
        own, scores = identity(submission.files), _scores(submission)
        for line in self.lines():
            if line.get("op") != "add" or line.get("scores") != scores:  # which follow from tasks and actions
                continue
            if own.same(identity(read_files(self.entries_path / line["id"], submission.kind.files))):
                return str(line["id"])
        return None

    def withdraw(self, identifier: str, reason: str) -> None:
        """Leave a tombstone; the entry's files stay where they are."""
        with self._lock():
            known = self.find(identifier)
            if known is None or known.get("op") == "withdraw":
                raise SubmissionError(f"There is no entry {plain(identifier)} on this board.")
            self._append({"schema": INDEX_SCHEMA, "op": "withdraw", "id": identifier, "reason": plain(reason, 200)})

    def mark_reproduced(self, identifier: str, how: str) -> None:
        """Note that an entry was played again with its model."""
        with self._lock():
            self._append({"schema": INDEX_SCHEMA, "op": "reproduce", "id": identifier, "how": plain(how, 200)})

    def nulls(self) -> dict[tuple[str, int, str], dict[str, Any]]:
        """The kept null rows by environment, level and mode."""
        found = {}
        for path in read_nulls(self.nulls_path):
            record = json_of(text_of(read_file(path, MAX_BYTES[RESULT]), path.name), path.name)
            if not good_record(record):
                raise SubmissionError(f"{path} is no record of null rows, or a damaged one.")
            found[(record["env"], record["level"], record["mode"])] = record
        return found

    def add_nulls(self, env: str, level: int, mode: str, n: int) -> None:
        """Play the null rows of an environment anew over at least as many tasks as its entries, and keep them."""
        with self._lock():
            group = env, level, mode
            alike = [line for line in self.entries() if (line["env"], line["level"], line["mode"]) == group]
            most = max((len(line["scores"]["tuned"]) for line in alike), default=0)
            self._write_nulls(env, level, mode, max(n, most), anew=True)
            if not self.index_path.exists():
                replace_file(self.index_path, b"")

    def refresh_nulls(self, progress: Progress = silent) -> list[str]:
        """Play the null rows anew whose environment's code has changed since; the names of their files."""
        with self._lock():
            stale = [r for r in self.nulls().values() if r.get("code") != code_of(env_class(str(r.get("env")))).env]
            for number, record in enumerate(stale, 1):
                self._write_nulls(record["env"], record["level"], record["mode"], record["n"])
                progress(number, len(stale))
        return [null_file(record) for record in stale]

    def _add_nulls(self, submission: Submission) -> None:
        config = submission.config
        for env in names_in(config["env"]):
            self._write_nulls(env, config["level"], config["mode"], config["test_episodes"])

    def _write_nulls(self, env: str, level: int, mode: str, n: int, anew: bool = False) -> None:
        self.nulls_path.mkdir(parents=True, exist_ok=True)
        kept = self.nulls().get((env, level, mode))
        if anew or kept is None or kept.get("n", 0) < n or kept.get("code") != code_of(env_class(env)).env:
            record = null_record(env, level, mode, n)
            if kept is not None and null_file(kept) != null_file(record):
                (self.nulls_path / null_file(kept)).unlink()
            replace_file(self.nulls_path / null_file(record), null_text(record).encode())

    def _place(self, identifier: str, files: dict[str, bytes]) -> None:
        target, part = self.entries_path / identifier, self.entries_path / f".{identifier}.part"
        for old in (part, target):  # left by a crash: nothing in the index speaks of it
            if old.exists():
                shutil.rmtree(old)
        part.mkdir(parents=True)
        for name, data in files.items():
            if name in PACKED:
                name, data = name + SUFFIX, pack(data)
            replace_file(part / name, data)
        part.rename(target)

    def _append(self, line: dict[str, Any]) -> None:
        """The index with one line more, in one step."""
        old = self.index_path.read_bytes() if self.index_path.exists() else b""
        whole = old[: old.rfind(b"\n") + 1]
        added = json.dumps(line, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        replace_file(self.index_path, whole + added)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.path.mkdir(parents=True, exist_ok=True)
        with locked(self.path / ".lock", wait=True):
            yield


def published(result: dict[str, Any]) -> bytes:
    """The result as a board keeps it: `run`, a path on the submitter's machine, is reduced to its last part."""
    return (json.dumps({**result, "run": Path(result["run"]).name}, indent=1, allow_nan=False) + "\n").encode()


def index_line(submission: Submission, files: dict[str, bytes]) -> dict[str, Any]:
    """What the index says of an entry: enough to print and to compare without opening its files."""
    kept = {name: submission.result[name] for name in _KEPT if name in submission.result}
    if "envs" in submission.result:
        kept["envs"] = {env: values["test_tokens"] for env, values in submission.result["envs"].items()}
    if submission.draws > 1:
        parts = submission.result.get("envs", {submission.result["env"]: submission.result})
        kept["rates"] = {env: values["rates"] for env, values in parts.items()}
    settings = {name: submission.config.get(name) for name in ("strategy", "seed", "prompt", "shots", "temperature")}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return {
        "schema": INDEX_SCHEMA, "op": "add", "id": submission.id, "class": "replayed",
        "weights": "checked" if submission.weights else "not checked", **kept, **settings, "sha256": digests,
        "scores": _scores(submission),
    }  # fmt: skip


def _scores(submission: Submission) -> dict[str, list[float]]:
    return {phase: [_short(score) for score in submission.scores[phase]] for phase in submission.kind.phases}


def _short(score: float) -> float:
    return int(score) if score in (0.0, 1.0) else score
