"""A real submission: a finished run of three iterations with the bundled model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import TINY, call


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("submission")
    done = call("run", *TINY, "--out", "run", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run"
