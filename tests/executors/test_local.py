"""The local pool: what a dying worker looks like, and that it agrees with a worker in this process."""

from __future__ import annotations

import math
import multiprocessing
import os
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import esreason
from esreason.core.errors import ModelError, RunError
from esreason.es.config import RunConfig, make_config
from esreason.es.noise import Noise
from esreason.es.strategies.mirrored import Mirrored
from esreason.es.strategy import Strategy
from esreason.executors.local import LocalPool, _deaf, _serve
from esreason.executors.worker import Worker
from esreason.models import model_path
from esreason.rollout.unit import split

CONFIG = make_config({"env": "sorting", "model": "sprout", "population": 4, "tasks": 2})


def strategy() -> Strategy:
    return Mirrored(CONFIG.settings(0.02, 0.04), seed=5)


def distance(a: Path, b: Path) -> float:
    """The L2 distance of two model directories, by numpy over what safetensors reads."""
    left, right = (load_file(next(folder.glob("*.safetensors"))) for folder in (a, b))
    assert left.keys() == right.keys()
    return math.sqrt(sum(float(((left[k].astype("f8") - right[k].astype("f8")) ** 2).sum()) for k in left))


def test_a_pool_agrees_with_a_worker_here(tmp_path: Path) -> None:
    tasks = [esreason.make_task("sorting", k) for k in range(4)]
    told = strategy()
    units = list(split(told.ask(), tasks, block=(2, 2)))
    here = Worker.build(CONFIG)
    expected = [here.play(unit) for unit in units]
    pool = LocalPool(CONFIG, 2)
    try:
        played = dict(pool.play(units))
        assert [played[i] for i in range(len(units))] == expected
        scores = [[e.score for unit in expected for row in unit for e in row][:4]] * 4
        update = told.tell(np.array(scores) + np.arange(4)[:, None])
        assert pool.update(update) == here.engine.apply_update(update)
        assert pool.weights_sha256() == here.engine.weights_sha256()
        pool.export(tmp_path / "moved")
        assert pool.drift() == here.engine.drift() == pytest.approx(
            distance(tmp_path / "moved", Path(model_path("sprout"))), rel=1e-12
        )
        assert pool.drift() > 0.1
        assert pool.device_seconds() > 0.0
        assert pool.rewind([]) == here.rewind([])
        assert pool.drift() == 0.0
        assert pool.weights_sha256() == pool.facts()["base_sha256"]
    finally:
        pool.close()


def test_a_killed_worker_is_one_sentence_that_names_resume() -> None:
    pool = LocalPool(CONFIG, 1)
    try:
        os.kill(pool._processes[0].pid, signal.SIGKILL)
        with pytest.raises(RunError, match="resume"):
            pool.update(strategy().tell(np.arange(8.0).reshape(4, 2)))
    finally:
        pool.close()


def test_a_worker_that_cannot_start_says_why() -> None:
    with pytest.raises(ModelError, match="no/such"):
        LocalPool(make_config({"env": "sorting", "model": "no/such"}), 1)


def test_noise_of_the_config_reaches_the_worker() -> None:
    assert CONFIG.settings(0.1, 0.1).noise == Noise("lowrank", 1)


def test_a_misspelt_bundled_model_gets_a_hint() -> None:
    with pytest.raises(ModelError, match="Did you mean 'sprout'"):
        Worker.build(make_config({"env": "sorting", "model": "sprot"}))


def test_an_error_that_nobody_foresaw_says_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        """Asks for the facts, and then closes."""

        def __init__(self) -> None:
            self.said: list[tuple[bool, object]] = []

        def recv(self) -> tuple[str]:
            if self.said:
                raise EOFError
            return ("facts",)

        def send(self, answer: tuple[bool, object]) -> None:
            self.said.append(answer)

    def faulty(config: RunConfig) -> Worker:
        raise ZeroDivisionError("by nobody")

    monkeypatch.setattr(Worker, "build", faulty)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    pipe = Pipe()
    _serve(pipe, make_config({"env": "sorting", "model": "sprout"}))  # type: ignore[arg-type]
    [(good, error)] = pipe.said
    assert not good
    assert re.fullmatch(r"ZeroDivisionError in a worker \(test_local\.py line \d+\): by nobody", str(error))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
def test_a_worker_ignores_ctrl_c_from_its_first_instruction_on() -> None:
    before = signal.getsignal(signal.SIGINT)
    with _deaf():
        process = multiprocessing.get_context("spawn").Process(target=signal.pause)
        process.start()
    try:
        [ignored] = re.findall(r"SigIgn:\s+([0-9a-f]+)", Path(f"/proc/{process.pid}/status").read_text())
        assert int(ignored, 16) >> (signal.SIGINT - 1) & 1
        assert signal.getsignal(signal.SIGINT) is before
    finally:
        process.kill()
        process.join()
