"""The run folder: config, seed log, metrics, transcripts and result, each readable after a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from esreason.core.errors import RunError, UsageError
from esreason.core.lock import locked
from esreason.core.packed import is_stored, stored_path
from esreason.es.config import RunConfig, make_config, read_toml
from esreason.es.files import append_line, keep_lines, read_lines, write_whole
from esreason.es.seedlog import SeedLog
from esreason.rollout import transcript
from esreason.rollout.draws import task_means
from esreason.rollout.episode import Episode
from esreason.rollout.transcript import CHALLENGE_PHASE, CHALLENGE_SCHEMA, RESULT_SCHEMA


class RunFolder:
    """The files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config_path = path / "config.toml"
        self.metrics_path = path / "metrics.jsonl"
        self.transcripts_path = path / "transcripts.jsonl"
        self.result_path = path / "result.json"
        self.seedlog = SeedLog(path / "seedlog.jsonl")
        self._made: list[Path] = []  # folders above it that `create` made, the nearest first

    @classmethod
    def create(cls, path: Path, config: RunConfig) -> RunFolder:
        """A new run; UsageError if the folder exists and is not empty."""
        try:
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise UsageError(f"{path} exists already: choose another --out, or go on with `esreason resume {path}`")
            missing = [folder for folder in path.parents if not folder.exists()]
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{path} cannot be made: {error.strerror}") from None
        folder = cls(path)
        folder._made = missing
        write_whole(folder.config_path, config.to_toml())
        return folder

    def discard(self) -> None:
        """Remove a run that never began: a config and nothing else; any other folder stays as it is."""
        if self.path.is_dir() and {entry.name for entry in self.path.iterdir()} == {self.config_path.name}:
            self.config_path.unlink()
            with suppress(OSError):  # somebody else has put something there since
                for folder in (self.path, *self._made):
                    folder.rmdir()

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """An existing run; RunError if it is none."""
        folder = cls(path)
        if not folder.config_path.is_file():
            raise RunError(f"{path} is no run folder: it has no config.toml.")
        return folder

    @property
    def is_challenge(self) -> bool:
        """Whether the folder holds a challenge's episodes instead of a run."""
        return not is_stored(self.seedlog.path) and self.phases() == [CHALLENGE_PHASE]

    @property
    def last_phase(self) -> str:
        """The phase that is meant when nobody names one."""
        return CHALLENGE_PHASE if self.is_challenge else "tuned"

    def config(self) -> RunConfig:
        """The run's settings."""
        try:
            return make_config(read_toml(self.config_path))
        except UsageError as error:
            raise RunError(f"{self.config_path} is not one of this version: {error}") from None

    def config_sha256(self) -> str:
        """The digest that the transcripts' chain starts from."""
        return transcript.config_digest(self.config_path.read_text(encoding="utf-8"))

    def add_metrics(self, record: dict[str, Any]) -> None:
        """A line of metrics; not flushed to the disk, for nothing depends on it."""
        append_line(self.metrics_path, record, sync=False)

    def keep_metrics(self, iterations: int) -> None:
        """Drop the metrics of iterations that the seed log does not have."""
        if self.metrics_path.exists():
            lines = read_lines(self.metrics_path)
            kept = next((i for i, line in enumerate(lines) if line.get("iteration", -1) >= iterations), len(lines))
            keep_lines(self.metrics_path, kept)

    def phase_seconds(self) -> dict[str, float]:
        """The seconds that each phase of scoring took."""
        lines = read_lines(self.metrics_path) if self.metrics_path.exists() else []
        return {str(line["phase"]): float(line["seconds"]) for line in lines if "phase" in line}

    def phases(self) -> list[str]:
        """The phases whose transcripts are complete."""
        if not is_stored(self.transcripts_path):
            return []
        return list(dict.fromkeys(str(line.get("phase")) for line in transcript.read(self.transcripts_path)))

    def add_transcripts(self, phase: str, episodes: Sequence[Episode]) -> str:
        """Add a phase's transcripts in one step; returns the chain's head."""
        old = self.transcripts_path.read_text(encoding="utf-8") if self.transcripts_path.exists() else ""
        previous = json.loads(old.splitlines()[-1])["hash"] if old else self.config_sha256()
        new = []
        for index, episode in enumerate(episodes):
            line = transcript.line_of(episode, phase, index, previous)
            previous = line["hash"]
            new.append(json.dumps(line, separators=(",", ":"), allow_nan=False) + "\n")
        write_whole(self.transcripts_path, old + "".join(new))
        return str(previous)

    def transcript_lines(self) -> Iterator[dict[str, Any]]:
        """The transcript's lines."""
        return transcript.read(self.transcripts_path)

    def episodes(self) -> Iterator[dict[str, Any]]:
        """The transcript's lines; RunError at one that says no phase, task or score."""
        for number, line in enumerate(self.transcript_lines(), 1):
            task, verdict = (line.get(name) for name in ("task", "verdict"))
            told = isinstance(task, dict) and task.keys() >= {"env", "level", "split", "seed"}
            scored = isinstance(verdict, dict) and type(verdict.get("score")) is float
            if not (told and scored and isinstance(line.get("phase"), str)):
                where = f"{self.transcripts_path} line {number}"
                raise RunError(f"{where} is no episode: `esreason verify {self.path}` looks closer.")
            yield line

    def scores(self, phase: str) -> list[float]:
        """The scores of a phase by task: the mean over its draws, where it was played several times."""
        each = [line["verdict"]["score"] for line in self.episodes() if line["phase"] == phase]
        return task_means(each, self.config().test_samples)

    def result(self) -> dict[str, Any]:
        """The result; RunError if the run has none yet."""
        try:
            data = json.loads(self.result_path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            raise RunError(
                f"{self.path} has no readable result.json: the run is not finished, see `esreason resume`."
            ) from None
        schema = CHALLENGE_SCHEMA if self.is_challenge else RESULT_SCHEMA
        if not isinstance(data, dict) or data.get("schema") != schema:
            raise RunError(f"{self.result_path} is not of the schema {schema}.")
        return data

    def set_result(self, result: dict[str, Any]) -> None:
        """Write the result."""
        write_whole(self.result_path, json.dumps(result, indent=1, allow_nan=False) + "\n")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second process from writing into this run: RunError if one is, or if files of it are packed."""
        for path in (self.seedlog.path, self.transcripts_path):
            packed = stored_path(path)
            if packed != path:
                raise RunError(f"{packed} is packed, and so cannot be written on: `gunzip {packed}` first.")
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self.path / "lock", wait=False))
            except BlockingIOError:
                raise RunError(f"{self.path} is being written by another process.") from None
            yield
