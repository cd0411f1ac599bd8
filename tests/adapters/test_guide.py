"""The code of docs/adapters.md runs, each block where its package is installed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "adapters.md"
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
PACKAGES = {"reasoning_gym": ("reasoning-gym",), "verifiers": ("verifiers",), "trl": ("trl", "datasets")}


def marked(block: str) -> object:
    found = re.search(r"from esreason\.adapters(?: import |\.)(\w+)", block)
    assert found is not None
    return pytest.param(block, marks=pytest.mark.peers(*PACKAGES[found[1]]), id=found[1])


@pytest.mark.parametrize("block", [marked(block) for block in BLOCKS])
def test_the_code_of_the_guide_runs(block: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
