"""A run from end to end through the command line: its files, its resume, its export, its replay."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from esreason.engines.torch_device import cuda_devices
from tests.cli.conftest import TINY, Esreason, call, kill_run

FILES = ("config.toml", "seedlog.jsonl", "metrics.jsonl", "transcripts.jsonl", "result.json")


def test_a_run_leaves_its_files_and_prints_its_result(tiny_run: tuple[Path, dict[str, Any]]) -> None:
    run, printed = tiny_run
    assert {path.name for path in run.iterdir()} == set(FILES)
    for name in ("run", "env", "base", "tuned", "episodes", "tokens", "seconds", "weights_sha256"):
        assert name in printed
    assert printed["base"]["n"] == printed["tuned"]["n"] == 12
    assert json.loads((run / "result.json").read_text()) == printed
    assert printed["transcripts_head"] == json.loads((run / "transcripts.jsonl").read_text().splitlines()[-1])["hash"]


def test_the_seed_log_has_a_header_and_a_line_an_iteration(tiny_run: tuple[Path, dict[str, Any]]) -> None:
    lines = [json.loads(line) for line in (tiny_run[0] / "seedlog.jsonl").read_text().splitlines()]
    assert lines[0]["schema"] == "esreason.seedlog/1"
    assert [line["iteration"] for line in lines[1:]] == [0, 1, 2]
    for line in lines[1:]:
        assert len(line["seeds"]) == len(line["fitness"]) == len(line["coefficients"]) == 8
    text = (tiny_run[0] / "seedlog.jsonl").read_text()
    assert str(tiny_run[0].parent) not in text


def test_two_workers_give_the_same_bytes(tiny_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    done = call("run", *TINY, "--workers", "2", "--out", "run", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("config.toml", "seedlog.jsonl", "transcripts.jsonl"):
        assert (tmp_path / "run" / name).read_bytes() == (tiny_run[0] / name).read_bytes()
    again = json.loads(done.stdout)
    assert {name: again[name] for name in ("weights_sha256", "drift", "regret")} == {
        name: tiny_run[1][name] for name in ("weights_sha256", "drift", "regret")
    }


def test_a_killed_run_resumes_to_the_same_bytes(tiny_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    kill_run(tmp_path, *TINY)
    log = tmp_path / "run" / "seedlog.jsonl"
    with log.open("a") as file:
        file.write('{"iteration": 1, "seeds": [')  # what a crash in the middle of a write leaves
    if (tmp_path / "run" / "result.json").exists():
        pytest.skip("the run was done before it could be killed")
    assert call("export", "run", "model", cwd=tmp_path).returncode == 1
    done = call("resume", "run", "--json", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("config.toml", "seedlog.jsonl", "transcripts.jsonl"):
        assert (tmp_path / "run" / name).read_bytes() == (tiny_run[0] / name).read_bytes(), name
    result = json.loads(done.stdout)
    for name in ("weights_sha256", "base", "tuned", "episodes", "tokens", "tokens_out", "drift", "transcripts_head"):
        assert result[name] == tiny_run[1][name], name


def test_resuming_a_finished_run_changes_nothing(tiny_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(tiny_run[0], tmp_path / "run")
    before = {name: (tmp_path / "run" / name).read_bytes() for name in ("seedlog.jsonl", "transcripts.jsonl")}
    done = call("resume", "run", "--json", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["weights_sha256"] == tiny_run[1]["weights_sha256"]
    assert before == {name: (tmp_path / "run" / name).read_bytes() for name in before}


def test_ctrl_c_ends_after_the_iteration_and_still_scores(tmp_path: Path) -> None:
    options = [*TINY, "--iterations", "100000", "--out", "run", "--quiet", "--json"]
    command = [sys.executable, "-P", "-m", "esreason", "run", *options]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    log = tmp_path / "run" / "seedlog.jsonl"
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and (not log.exists() or log.read_bytes().count(b"\n") < 2):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 0
    result = json.loads(output)
    assert "interrupted" in result["stopped"]
    assert 1 <= result["iterations"] < 100_000
    assert result["tuned"]["n"] == 12


def test_export_is_a_model_that_plain_transformers_loads(tiny_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from esreason.models import SPROUT

    shutil.copytree(tiny_run[0], tmp_path / "run")
    done = call("export", "run", "model", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"dir": "model", "weights_sha256": tiny_run[1]["weights_sha256"]}
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    base = AutoModelForCausalLM.from_pretrained(SPROUT)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    ids = tokenizer("3 1 2\n", return_tensors="pt")["input_ids"]
    moved = any(
        not torch.equal(a, b) for a, b in zip(model.state_dict().values(), base.state_dict().values(), strict=True)
    )
    assert moved == (tiny_run[1]["checkpoint"] > 0)
    assert model(ids).logits.shape[:2] == ids.shape


def test_verify_replays_and_finds_a_changed_action(tiny_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(tiny_run[0], tmp_path / "run")
    done = call("verify", "run", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"run": "run", "ok": True, "episodes": 24, "first_difference": None}
    path = tmp_path / "run" / "transcripts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[3]["actions"][0] = "9 9"
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    done = call("verify", "run", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["first_difference"]["line"] == 4


def test_an_existing_folder_is_not_touched(tiny_run: tuple[Path, dict[str, Any]]) -> None:
    before = {name: (tiny_run[0] / name).stat().st_mtime_ns for name in FILES}
    done = call("run", *TINY, "--out", tiny_run[0], cwd=tiny_run[0].parent)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert before == {name: (tiny_run[0] / name).stat().st_mtime_ns for name in FILES}


def test_a_base_that_is_another_model_is_refused(tiny_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(tiny_run[0], tmp_path / "run")
    path = tmp_path / "run" / "seedlog.jsonl"
    path.write_text(path.read_text().replace(tiny_run[1]["base_sha256"], "0" * 64))
    (tmp_path / "run" / "result.json").unlink()
    done = call("resume", "run", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert "base model" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run"], 2, "'env'"),
        (["run", "--env", "sudokku"], 2, "'sudoku'"),
        (["run", "--env", "sudoku", "--sigma", "nan"], 2, "sigma"),
        (["run", "--env", "sudoku", "--population", "x"], 2, "population"),
        (["run", "--env", "sudoku", "--level", "99"], 2, "levels 1 to 10"),
        (["run", "--env", "sudoku", "--quantize", "int3"], 2, "quantize"),
        (["run", "--env", "sudoku", "--engine", "vllm", "--workers", "1"], 2, "make vllm"),
        (["run", "--env", "sudoku", "--model", "no/such/model", "--workers", "1"], 1, "no/such/model"),
        (["run", "--env", "sudoku", "--config", "none.toml"], 2, "none.toml"),
        (["rnu"], 2, "'run'"),
        (["resume", "nowhere"], 1, "nowhere"),
        (["export", "nowhere", "x"], 1, "nowhere"),
        (["verify", "nowhere"], 1, "nowhere"),
        (["eval", "--env", "hanoy", "--policy", "random"], 2, "'hanoi'"),
        (["eval", "--env", "hanoi", "--policy", "random", "--split", "tset"], 2, "split"),
        (["eval", "--env", "hanoi", "--policy", "http://127.0.0.1:9/v1", "--policy-model", "m"], 1, "127.0.0.1:9"),
        (["envs", "nothing-like-it-at-all"], 2, "no environment"),
        (["play", "--env", "sudoku", "--level", "0"], 2, "levels"),
    ],
)
def test_errors_are_a_few_plain_lines(
    esreason: Esreason, tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    done = esreason(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert says in done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 3
    assert "Traceback" not in done.stderr
    assert "╭" not in done.stderr


@pytest.mark.parametrize("damage", ["empty", "cut", "pickle", "no tokenizer"])
def test_damaged_models_are_one_sentence(esreason: Esreason, tmp_path: Path, damage: str) -> None:
    from esreason.models import SPROUT

    model = tmp_path / "model"
    shutil.copytree(SPROUT, model)
    weights = model / "model.safetensors"
    if damage == "empty":
        for path in model.iterdir():
            path.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "pickle":
        weights.rename(model / "pytorch_model.bin")
    else:
        for path in model.glob("tokenizer*"):
            path.unlink()
    done = esreason("eval", "--env", "sorting", "--policy", "model", "--episodes", "2", "--workers", "1")
    assert done.returncode == 1, done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 3
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "bad", [("--model", "nowhere"), ("--engine", "vlmm"), ("--model", "sprout", "--env", "nothing")]
)
def test_a_refused_run_leaves_no_folder(esreason: Esreason, tmp_path: Path, bad: tuple[str, ...]) -> None:
    done = esreason("run", "--env", "sorting", "--out", "mine", "--workers", "1", *bad)
    assert done.returncode in (1, 2)
    assert not (tmp_path / "mine").exists()
    assert "Traceback" not in done.stderr


def test_eval_prints_one_json_object(esreason: Esreason) -> None:
    done = esreason("eval", "--env", "hanoi", "--policy", "solver", "--episodes", "5", "--json")
    scored = json.loads(done.stdout)
    assert {"env", "policy", "level", "split", "score", "ci95", "n", "tokens", "seconds"} <= set(scored)
    assert scored["score"] == 1.0
    assert scored["n"] == 5


def test_envs_lists_everything_as_json(esreason: Esreason) -> None:
    from esreason import list_envs

    listed = json.loads(esreason("envs", "--json").stdout)
    assert [entry["name"] for entry in listed] == [info.name for info in list_envs()]


def test_play_can_be_won_with_hints(esreason: Esreason, tmp_path: Path) -> None:
    import esreason as package

    actions = package.solve(package.make_task("hanoi", seed=4)).actions
    done = subprocess.run(
        [sys.executable, "-P", "-m", "esreason", "play", "--env", "hanoi", "--seed", "4"],
        input="hint\nA->A\nundo\n" + "\n".join(actions) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert f"The solver would play {actions[0]}" in done.stdout
    assert "Solved" in done.stdout


@pytest.mark.skipif(cuda_devices() > 0, reason="there is a GPU here")
def test_a_device_that_is_not_there_is_one_sentence(tiny_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    done = call("run", *TINY, "--device", "cuda", "--out", "run", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "--device cpu" in done.stderr
    assert not (tmp_path / "run").exists()
    assert tiny_run[1]["device"] == "cpu"
    shutil.copytree(tiny_run[0], tmp_path / "run")
    (tmp_path / "run" / "result.json").unlink()
    other = call("resume", "run", "--device", "cuda", cwd=tmp_path)
    assert other.returncode == 2 and "needs an NVIDIA GPU" in other.stderr
    config = tmp_path / "run" / "config.toml"
    config.write_text(config.read_text() + 'device = "cuda"\n')
    resumed = call("resume", "run", cwd=tmp_path)
    assert (resumed.returncode, resumed.stderr.count("\n")) == (1, 1) and "no CUDA device here" in resumed.stderr
    other = call("resume", "run", "--device", "cpu", cwd=tmp_path)
    assert other.returncode == 2 and "began on cuda" in other.stderr
