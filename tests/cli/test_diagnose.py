"""`esreason diagnose` and `run --auto` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esreason.theory.forecast import CHOICES
from tests.cli.conftest import Esreason


def test_a_diagnosis_is_one_json_object_and_a_folder_of_plots(esreason: Esreason, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = esreason("diagnose", "--env", "sorting", "--members", "4", "--probe-tasks", "4", "--workers", "1",
                    "--population", "16", "--json", "--out", "found")  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert json.loads((tmp_path / "found" / "diagnosis.json").read_text()) == found
    assert found["env"] == "sorting"
    assert found["plan"]["population"] == 16
    assert found["plan"]["sigma"] in CHOICES
    assert found["alpha"] == 2 * found["plan"]["sigma"]
    assert found["episodes"] == 4 * (1 + 4 * len(found["steps"]))
    assert len(found["course"]) == 81
    assert {path.name for path in (tmp_path / "found").glob("*.svg")} == {"ladder.svg", "gain.svg", "course.svg"}


def test_a_probe_of_odd_members_is_refused(esreason: Esreason) -> None:
    done = esreason("diagnose", "--env", "sorting", "--members", "5")
    assert done.returncode == 2
    assert "mirrored pairs" in done.stderr


def test_auto_probes_whatever_the_preset_says(esreason: Esreason) -> None:
    small = ["--iterations", "0", "--test-episodes", "2", "--workers", "1", "--out", "run"]
    done = esreason(
        "run", "--env", "sorting", "--strategy", "es-at-scale", "--noise", "lowrank", "--auto", *small, "--json"
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["sigma"] in CHOICES
    assert result["alpha"] == 2 * result["sigma"] != 0.0005
    assert esreason("run", "--env", "sorting", "--auto", "--sigma", "0.1").returncode == 2
