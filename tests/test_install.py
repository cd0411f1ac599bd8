"""tools/install does nothing when nothing changed, installs when settings did, refuses a wrong interpreter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout of the files that tools/install reads, with an environment whose Python writes down its calls."""
    for name in ("pyproject.toml", "constraints.txt", "tools/install"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} "$@"\necho "$@" >> {tmp_path}/calls\n')
    python.chmod(0o755)
    return tmp_path


def install(house: Path, kind: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "VENV")}
    environment = inherited | {"VENV": str(house / "venv")} | variables
    return subprocess.run([house / "tools" / "install", kind], env=environment, capture_output=True, text=True)


def calls(house: Path) -> list[str]:
    log = house / "calls"
    return log.read_text().splitlines() if log.exists() else []


def test_a_second_call_does_nothing(house: Path) -> None:
    assert install(house, "torch").returncode == 0
    assert len(calls(house)) == 1
    again = install(house, "torch")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert len(calls(house)) == 1


def test_the_development_installation_covers_the_plain_one_but_not_the_reverse(house: Path) -> None:
    install(house, "torch")
    install(house, "dev")
    install(house, "torch")
    assert [".[torch]" in calls(house)[0], ".[dev]" in calls(house)[1], len(calls(house))] == [True, True, 2]
    assert all("-c constraints.txt" in call for call in calls(house))


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "tools/install"])
def test_newer_settings_install_again(house: Path, name: str) -> None:
    install(house, "torch")
    later = time.time() + 10
    os.utime(house / name, (later, later))
    install(house, "torch")
    assert len(calls(house)) == 2


def test_an_installation_that_failed_is_tried_again(house: Path) -> None:
    python = house / "venv" / "bin" / "python"
    working = python.read_text()
    python.write_text("#!/bin/sh\nexit 3\n")
    assert install(house, "torch").returncode == 3
    python.write_text(working)
    assert install(house, "torch").returncode == 0
    assert len(calls(house)) == 1


def test_the_interpreter_named_by_hand_is_kept_when_it_is_the_same_release(house: Path) -> None:
    assert install(house, "torch", PYTHON=sys.executable).returncode == 0
    assert len(calls(house)) == 1 and not (house / "venv" / "pyvenv.cfg").exists()


def test_a_missing_interpreter_is_one_line_and_harms_nothing(house: Path) -> None:
    done = install(house, "torch", PYTHON="no-such-python")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("tools/install: no Python 3.11 or newer by the name of no-such-python; name one: PYTHON=")
    assert (house / "venv" / "bin" / "python").exists()


def test_an_unknown_kind_is_a_usage_error(house: Path) -> None:
    done = install(house, "everything")
    assert (done.returncode, done.stderr) == (2, "usage: tools/install torch|dev|vllm|adapters\n")
