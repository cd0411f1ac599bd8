"""The second bundled model from the command line: it is chosen by the environment, and its digest is known."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from esreason.cli.provenance import follow
from esreason.core.errors import SubmissionError
from esreason.models import model_path
from tests.cli.conftest import call

SMALL = ["--iterations", "3", "--population", "8", "--tasks", "4", "--test-episodes", "12", "--sigma", "0.025",
         "--workers", "1", "--quiet"]  # fmt: skip


def started(folder: Path, *options: str) -> Path:
    done = call("run", *SMALL, *options, "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three iterations that names no model."""
    return started(tmp_path_factory.mktemp("second"), "--env", "inequality")


def test_a_run_without_a_model_takes_the_one_that_plays(run: Path) -> None:
    assert tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))["model"] == "seedling"
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    assert result["iterations"] == 3
    assert result["base"]["n"] == 12


@pytest.mark.parametrize(
    ("options", "model"),
    [(["--env", "sorting"], "sprout"), (["--env", "bet,sorting"], "sprout"),
     (["--env", "inequality", "--model", str(model_path("sprout"))], str(model_path("sprout")))],
)  # fmt: skip
def test_other_runs_name_what_they_named(tmp_path: Path, options: Sequence[str], model: str) -> None:
    run = started(tmp_path, *options, "--iterations", "0")
    assert tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))["model"] == model


def test_everything_follows_from_the_bundled_weights(run: Path) -> None:
    origin = follow(run)
    assert origin.values["weights_sha256"] == json.loads((run / "result.json").read_text())["weights_sha256"]
    assert origin.weights


def test_its_name_over_another_base_is_refused(run: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(run, forged)
    base = json.loads((forged / "result.json").read_text(encoding="utf-8"))["base_sha256"]
    for name in ("seedlog.jsonl", "result.json"):
        text = (forged / name).read_text(encoding="utf-8")
        (forged / name).write_text(text.replace(base, "0" * 64), encoding="utf-8")
    with pytest.raises(SubmissionError, match="bundled model"):
        follow(forged)
