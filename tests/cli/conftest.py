"""Calling the command line as a user does, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Esreason = Callable[..., subprocess.CompletedProcess[str]]
TINY = ["--env", "sorting", "--iterations", "3", "--population", "8", "--tasks", "4", "--test-episodes", "12",
        "--sigma", "0.025", "--workers", "1"]  # fmt: skip


def call(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `esreason ARGUMENTS` in a folder; COLUMNS 80 unless the environment says otherwise."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "esreason", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "COLUMNS": "80", **environment},
    )


def kill_run(cwd: Path, *options: str) -> None:
    """Start `esreason run OPTIONS --out run` and kill it, workers and all, when its seed log has an iteration."""
    command = [sys.executable, "-P", "-m", "esreason", "run", *options, "--out", "run", "--quiet"]
    process = subprocess.Popen(command, cwd=cwd, start_new_session=True)
    log = cwd / "run" / "seedlog.jsonl"
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and (not log.exists() or log.read_bytes().count(b"\n") < 2):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def esreason(tmp_path: Path) -> Esreason:
    """The command line in an empty folder."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return call(*arguments, cwd=tmp_path, **environment)

    return run


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A finished run of three iterations with the bundled model, and what `run --json` printed."""
    folder = tmp_path_factory.mktemp("tiny")
    done = call("run", *TINY, "--out", "run", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run", json.loads(done.stdout)
