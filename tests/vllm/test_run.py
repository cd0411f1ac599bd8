"""A whole run through vLLM from the command line, and the endpoint policy against a real vLLM server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from esreason.engines.torch_checkpoint import rebuild
from esreason.es.folder import RunFolder
from esreason.es.seedlog import updates
from esreason.models import SPROUT

pytestmark = pytest.mark.vllm

LEADERBOARDS = Path(__file__).resolve().parents[2] / "leaderboards"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
_PATIENCE = 240.0  # seconds until a server answers; it takes 20 on an idle machine


def esreason(*arguments: str, **environment: str) -> dict[str, Any]:
    """One command with --json: its object; stdout holds nothing else."""
    command = [sys.executable, "-m", "esreason", *arguments, "--json"]
    done = subprocess.run(command, env=ENVIRONMENT | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("noise", ["lowrank", "dense"])
def test_a_run_is_rebuilt_from_its_seed_log(tmp_path: Path, noise: str) -> None:
    """Two iterations on the bundled model: the digest is what plain torch makes of the seed log; transcripts replay."""
    out = tmp_path / "run"
    result = esreason(
        "run", "--env", "sudoku", "--engine", "vllm", "--noise", noise, "--sigma", "0.02", "--population", "4",
        "--iterations", "2", "--tasks", "4", "--test-episodes", "8", "--workers", "1", "--out", str(out),
    )  # fmt: skip
    assert (result["engine"], result["vllm"].split(".")[:2]) == ("vllm", ["0", "32"])
    header, lines = RunFolder(out).seedlog.read()
    log = list(updates(header, lines))[: result["checkpoint"]]
    assert rebuild(SPROUT, log, tmp_path / "rebuilt") == result["weights_sha256"]
    assert esreason("verify", str(out))["ok"]
    jsonschema.validate(result, json.loads((LEADERBOARDS / "result.schema.json").read_text()))
    assert esreason("submit", str(out), "--board", str(tmp_path / "board"))["id"]
    again = esreason("resume", str(out))
    assert again["weights_sha256"] == result["weights_sha256"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of vLLM's server with the bundled model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    # `vllm serve` runs this module too, but asks for a package named vllm, which the CPU build is not.
    command = [
        sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(SPROUT),
        "--host", "127.0.0.1", "--port", str(port), "--served-model-name", "sprout", "--dtype", "float32",
        "--enforce-eager", "--max-model-len", "512", "--kv-cache-memory-bytes", str(2**28),
    ]  # fmt: skip
    with log.open("w") as sink, subprocess.Popen(command, env=ENVIRONMENT, stdout=sink, stderr=sink) as process:
        try:
            _wait(port, process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()[-2000:]
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def test_an_endpoint_plays_as_the_model_does(server: str) -> None:
    """Greedy episodes of many turns and of one: the served model scores what the torch engine scores."""
    for env in ("sudoku", "sorting"):
        asked = ["--env", env, "--prompt", "plain", "--episodes", "24"]
        served = esreason("eval", *asked, "--policy", server)
        local = esreason("eval", *asked, "--policy", str(SPROUT), "--workers", "1")
        assert (served["score"], served["n"]) == (local["score"], 24)
        assert served["tokens"] > 24


def test_a_real_server_s_refusals_are_one_sentence(server: str) -> None:
    """A model that it does not serve, and a chat with a model that has no template."""
    for more, problem in ((["--policy-model", "other"], "HTTP 404"), (["--prompt", "chat"], "HTTP 4")):
        command = ["eval", "--env", "sorting", "--episodes", "1", "--policy", server, *more]
        done = subprocess.run(
            [sys.executable, "-m", "esreason", *command], env=ENVIRONMENT, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert problem in done.stderr
        assert len(done.stderr.splitlines()) <= 3
