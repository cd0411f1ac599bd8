"""Runs with an objective, a curriculum or patience: resumed to the same bytes, verified, and taken by a board."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from esreason.cli.provenance import follow
from esreason.core.errors import SubmissionError
from esreason.leaderboard.audit import audit
from esreason.objectives.sensitivity import LATER
from tests.cli.conftest import call

SMALL = ["--env", "sorting", "--population", "8", "--tasks", "4", "--test-episodes", "12", "--sigma", "0.025",
         "--workers", "1", "--json"]  # fmt: skip
WAYS = {
    "metacognition": ["--objective", "metacognition", "--judgement", "graded", "--iterations", "2"],
    "discernment": ["--objective", "discernment", "--judgement-temperature", "1", "--iterations", "2"],
    "coverage": ["--objective", "pass@2", "--temperature", "0.7", "--iterations", "2", "--strategy", "es-at-scale"],
    "curriculum": ["--curriculum", "1-3@0.2", "--patience", "1", "--iterations", "40", "--objective", "novelty"],
}


@pytest.fixture(scope="module", params=WAYS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp(request.param)
    done = call("run", *SMALL, *WAYS[request.param], "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return request.param, folder / "run", json.loads(done.stdout)


def test_it_is_verified_and_resumed_to_the_same_bytes(made: tuple[str, Path, dict[str, Any]], tmp_path: Path) -> None:
    way, run, result = made
    audit(run, follow, workers=1)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").write_bytes((run / "config.toml").read_bytes())
    log = (run / "seedlog.jsonl").read_bytes().split(b"\n")
    (tmp_path / "run" / "seedlog.jsonl").write_bytes(b"\n".join(log[: len(log) // 2]) + b"\n")
    done = call("resume", "run", "--workers", "1", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("seedlog.jsonl", "transcripts.jsonl"):
        assert (tmp_path / "run" / name).read_bytes() == (run / name).read_bytes(), way
    assert json.loads(done.stdout)["weights_sha256"] == result["weights_sha256"]
    assert call("verify", "run", cwd=tmp_path).returncode == 0


def test_what_it_says_of_itself(made: tuple[str, Path, dict[str, Any]], tmp_path: Path) -> None:
    way, run, result = made
    log = [json.loads(line) for line in (run / "seedlog.jsonl").read_text().splitlines()[1:]]
    lines = [json.loads(line) for line in (run / "transcripts.jsonl").read_text().splitlines()]
    if way == "metacognition":
        right = sum(line["verdict"]["passed"] for line in lines if line["phase"] == "base") / 12
        assert result["metacognition"]["base"]["accuracy"]["value"] == pytest.approx(right, abs=1e-6)
        assert {line["observations"][0].splitlines()[-1] for line in lines} == {
            "How sure are you that you will solve this, from 0 to 9? Reply with one digit."
        }
        for name in ("config.toml", "seedlog.jsonl", "transcripts.jsonl"):
            (tmp_path / name).write_bytes((run / name).read_bytes())
        older = {phase: {name: part for name, part in parts.items() if name not in LATER}
                 for phase, parts in result["metacognition"].items()}  # fmt: skip
        (tmp_path / "result.json").write_text(json.dumps({**result, "metacognition": older}))
        assert audit(tmp_path, follow, workers=1).result["metacognition"] == older
        del older["base"]["auroc"]
        for forged in (older, {**result["metacognition"], "base": older["base"]}):
            (tmp_path / "result.json").write_text(json.dumps({**result, "metacognition": forged}))
            with pytest.raises(SubmissionError, match="metacognition"):
                audit(tmp_path, follow, workers=1)
        result["metacognition"]["tuned"]["d_prime"]["value"] += 1.0
        (tmp_path / "result.json").write_text(json.dumps(result))
        with pytest.raises(SubmissionError, match="metacognition"):
            audit(tmp_path, follow, workers=1)
    elif way == "discernment":
        assert {line["observations"][0].splitlines()[-1] for line in lines} == {
            "Do you know how to solve this? Reply yes or no."
        }
        assert audit(run, follow, workers=1).result["metacognition"] == result["metacognition"]
    elif way == "coverage":
        assert len(log[0]["scores"][0]) == 4 and {x for row in log[0]["scores"] for x in row} <= {0.0, 1.0}
        played = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        assert next(x["episodes"] for x in played if x.get("iteration") == 0 and "phase" not in x) == 8 * 4 * 2
    else:
        assert "validation did not rise" in result["stopped"] and len(log) < 40
        assert result["level"] == 3 and log[0]["level"] == 1
        assert {line["task"]["level"] for line in lines} == {3}
