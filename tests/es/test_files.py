"""Writing that survives crashes and full disks, and the seed log on top of it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from esreason.core.errors import RunError
from esreason.es.files import append_line, keep_lines, read_lines, write_whole
from esreason.es.noise import Noise
from esreason.es.seedlog import Header, SeedLog, updates
from esreason.es.strategies import BUILTIN
from esreason.es.strategy import Settings
from esreason.es.update import StepRule

HEADER = Header("a" * 64, "b" * 64, Noise(), StepRule(), 0.1, 0.2, 0.5)


def test_half_a_line_is_not_read_and_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    append_line(path, {"a": 1})
    with path.open("a") as file:
        file.write('{"a": 2')
    assert read_lines(path) == [{"a": 1}]
    keep_lines(path, 1)
    append_line(path, {"a": 3})
    assert read_lines(path) == [{"a": 1}, {"a": 3}]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.jsonl"
    append_line(path, {"a": 1})
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device"):
        append_line(path, {"a": 2})
    assert path.read_bytes() == before
    with pytest.raises(RunError, match="resume"):
        write_whole(path, "new")
    assert path.read_bytes() == before


def test_not_a_number_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        append_line(tmp_path / "x.jsonl", {"a": float("nan")})


def test_the_seed_log_gives_back_its_updates(tmp_path: Path) -> None:
    strategy = BUILTIN["mirrored"](Settings(population=4, sigma=0.1, alpha=0.2), seed=1)
    log = SeedLog(tmp_path / "seedlog.jsonl")
    log.begin(HEADER)
    made = []
    for i in range(3):
        fitness = np.random.default_rng(i).random((4, 2))
        made.append(strategy.tell(fitness))
        log.append(made[-1], [float(m) for m in fitness.mean(axis=1)], fitness.tolist())
    header, lines = log.read()
    assert header == HEADER
    assert list(updates(header, lines)) == made


@pytest.mark.parametrize(
    "line",
    [
        {"iteration": 1, "seeds": [1], "coefficients": [1], "scale": 1.0, "alpha": 1.0},
        {"iteration": 0, "seeds": [0], "coefficients": [1], "scale": 1.0, "alpha": 1.0},
        {"iteration": 0, "seeds": [1], "coefficients": [2**40], "scale": 1.0, "alpha": 1.0},
        {"iteration": 0, "seeds": [1.5], "coefficients": [1], "scale": 1.0, "alpha": 1.0},
        {"iteration": 0, "seeds": [1], "coefficients": [], "scale": 1.0, "alpha": 1.0},
        {"iteration": 0, "seeds": "x", "coefficients": [1], "scale": 1.0, "alpha": 1.0},
        {"iteration": 0, "coefficients": [1], "scale": 1.0, "alpha": 1.0},
        {"iteration": 0, "seeds": [1], "coefficients": [1], "scale": 1e999, "alpha": 1.0},
    ],
)
def test_malformed_lines_are_run_errors(tmp_path: Path, line: dict[str, object]) -> None:
    path = tmp_path / "seedlog.jsonl"
    SeedLog(path).begin(HEADER)
    with path.open("a") as file:
        file.write(str(line).replace("'", '"').replace("inf", "1e999") + "\n")
    with pytest.raises(RunError):
        list(updates(*SeedLog(path).read()))


def test_other_schemas_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "seedlog.jsonl"
    path.write_text('{"schema": "esreason.seedlog/9"}\n')
    with pytest.raises(RunError, match=r"esreason\.seedlog"):
        SeedLog(path).read()
