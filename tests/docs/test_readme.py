"""The README's code runs, and its tables name what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from esreason.cli import COMMANDS

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_python_block_runs(number: int, tmp_path: Path) -> None:
    """Each in a process of its own, in an empty folder, as a reader would."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS[number]], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_loop_is_twelve_lines_after_the_imports() -> None:
    body = [line for line in BLOCKS[0].splitlines() if line and not line.startswith(("import", "from"))]
    assert len(body) <= 12


def test_the_commands_named_exist() -> None:
    named = set(re.findall(r"`esreason ([a-z]+)", README))
    assert named <= set(COMMANDS)
