"""Two shards of a model in a Ray actor: the torch engine's fitness and bits, with the actor killed, and in bfloat16."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from esreason.core.machine import cores
from esreason.engines.torch_checkpoint import open_checkpoint
from esreason.es.folder import RunFolder
from esreason.es.seedlog import updates
from esreason.executors.worker import SHARDS, Worker
from esreason.models import SPROUT
from esreason.rollout.unit import Unit
from tests.executors.test_ray import CONFIG, evolve
from tests.vllm.test_run import esreason

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'esreason[ray]'")
pytestmark = [pytest.mark.vllm, pytest.mark.ray, pytest.mark.skipif(cores() < 2, reason="two shards need two cores")]

_PATIENCE = 60.0  # seconds until the shards of a killed actor have ended; they take one or two


def worth(episode: Any) -> float:
    """The tokens that are read depend on an engine's cache; those that are written do not."""
    return float(episode.score + episode.tokens_out)


def test_two_shards_in_an_actor_that_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In float32 every member plays as with the torch engine; nothing of the killed actor is left behind."""
    from esreason.executors.ray_pool import RayPool

    worker = Worker.build(CONFIG)
    expected = evolve(lambda units: enumerate(map(worker.play, units)), worker.update, worth)
    monkeypatch.setenv(SHARDS, "2")
    pool = RayPool(replace(CONFIG, engine="vllm"), 1, "local")
    shards: list[psutil.Process] = []

    def play(units: list[Unit]) -> Iterator[tuple[int, Any]]:
        for number, item in enumerate(pool.play(units)):
            if number == 1 and not shards:
                actor = ray.get(pool._actors[0].pid.remote())
                shards.extend(psutil.Process(actor).children(recursive=True))
                os.kill(actor, signal.SIGKILL)
            yield item

    try:
        assert evolve(play, pool.update, worth) == expected
        assert (pool.facts()["shards"], pool.restarts) == (2, 1)
        assert len(shards) >= 2 and not psutil.wait_procs(shards, _PATIENCE)[1]
    finally:
        pool.close()


def test_a_run_in_bfloat16_is_replayed_bit_for_bit(tmp_path: Path) -> None:
    """From the command line; rounded products play otherwise than the torch engine's, but the seed log is the model."""
    out = tmp_path / "run"
    result = esreason(
        "run", "--env", "sudoku", "--engine", "vllm", "--dtype", "bfloat16", "--sigma", "0.02", "--population", "4",
        "--iterations", "2", "--tasks", "4", "--test-episodes", "8", "--ray", "local", "--workers", "1",
        "--out", str(out), **{SHARDS: "2"},
    )  # fmt: skip
    assert (result["shards"], result["dtype"]) == (2, "bfloat16")
    header, lines = RunFolder(out).seedlog.read()
    _, centre = open_checkpoint(SPROUT)
    for update, line in zip(updates(header, lines), lines, strict=True):
        centre.apply(update)
        assert centre.checksum() == line["checksum"]
    log = list(updates(header, lines))[: result["checkpoint"]]
    _, centre = open_checkpoint(SPROUT)
    centre.replay(log)
    assert centre.weights_sha256() == result["weights_sha256"]
