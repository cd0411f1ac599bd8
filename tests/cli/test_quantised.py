"""A run on an integer lattice through the command line: the same bytes after a kill, from one worker or two."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import TINY, call, kill_run

OPTIONS = [*TINY, "--quantize", "int4", "--residual", "replay", "--sigma", "0.04", "--alpha", "0.02"]
SAME = ("config.toml", "seedlog.jsonl", "transcripts.jsonl")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A finished run of three iterations, and what it printed."""
    folder = tmp_path_factory.mktemp("quantised")
    done = call("run", *OPTIONS, "--out", "run", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run", json.loads(done.stdout)


def test_the_log_names_the_lattice_and_the_result_its_width(run: tuple[Path, dict[str, Any]]) -> None:
    header = json.loads((run[0] / "seedlog.jsonl").read_text().splitlines()[0])
    assert header["lattice"] == {"width": "int4", "residual": "replay", "gamma": 0.9, "window": 20, "start": "zero"}
    assert header["noise"] == {"kind": "dense", "rank": 1}
    assert run[1]["quantize"] == "int4"


def test_a_killed_run_of_two_workers_resumes_to_the_bytes_of_one(
    run: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    kill_run(tmp_path, *OPTIONS, "--workers", "2")
    done = call("resume", "run", "--json", "--workers", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in SAME:
        assert (tmp_path / "run" / name).read_bytes() == (run[0] / name).read_bytes(), name
    assert json.loads(done.stdout)["weights_sha256"] == run[1]["weights_sha256"]


def test_verify_export_and_submit_follow_the_log(run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(run[0], tmp_path / "run")
    assert call("verify", "run", cwd=tmp_path).returncode == 0
    done = call("export", "run", "model", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["weights_sha256"] == run[1]["weights_sha256"]
    done = call("submit", "run", "--board", "board", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not checked" not in done.stdout


def test_another_residual_is_another_log(run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """A log whose lattice is not the config's is refused, and one that is changed does not rebuild the weights."""
    shutil.copytree(run[0], tmp_path / "run")
    log = tmp_path / "run" / "seedlog.jsonl"
    log.write_text(log.read_text().replace('"residual":"replay"', '"residual":"quzo"', 1))
    assert '"quzo"' in log.read_text()
    done = call("submit", "run", "--board", "board", cwd=tmp_path)
    assert done.returncode == 1
    assert "lattice" in done.stderr
    if run[1]["checkpoint"]:
        done = call("export", "run", "model", cwd=tmp_path)
        assert done.returncode == 1
        assert "does not rebuild" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--noise", "lowrank"], "dense"), (["--step", "adam"], "plain steps"), (["--gamma", "2"], "gamma"),
        (["--residual", "some"], "residual"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_one_sentence(tmp_path: Path, options: list[str], says: str) -> None:
    done = call("run", "--env", "sorting", "--quantize", "int4", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
