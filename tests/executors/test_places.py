"""What `--device` means, on machines with and without GPUs, and which worker has which."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from esreason.core.errors import RunError, UsageError
from esreason.core.machine import cores
from esreason.es.config import make_config, read_settings
from esreason.executors import places
from esreason.executors.local import LocalPool
from esreason.executors.places import CPU, CUDA, Place, alike, gpus_of, place_of
from esreason.executors.pool import pool

BASE = {"env": "sorting", "model": "sprout"}
Machine = Callable[[int], None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with so many CUDA devices."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return lambda count: monkeypatch.setattr(places, "cuda_devices", lambda: count)


@pytest.mark.parametrize(
    ("gpus", "device", "expected"),
    [(0, "auto", Place(CPU)), (2, "auto", Place(CUDA)), (2, "cpu", Place(CPU)), (1, "cuda", Place(CUDA)),
     (2, "cuda:1", Place(CUDA, 1))],
)  # fmt: skip
def test_the_place_of_a_device(machine: Machine, gpus: int, device: str, expected: Place) -> None:
    machine(gpus)
    assert place_of(device) == expected


@pytest.mark.parametrize(
    ("gpus", "device", "engine", "ray", "says"),
    [
        (0, "cuda", "torch", None, "--device cuda needs an NVIDIA GPU.*--device cpu"),
        (0, "cuda:0", "torch", None, "--device cuda:0 needs an NVIDIA GPU"),
        (2, "cuda:2", "torch", None, "no cuda:2: torch sees 2 CUDA devices here, from cuda:0"),
        (1, "cuda:7", "torch", None, "torch sees 1 CUDA device here"),
        (1, "mps", "torch", None, "auto, cpu, cuda or cuda:N, not 'mps': Apple's GPUs are not supported"),
        (1, "gpu", "torch", None, "not 'gpu'$"),
        (1, "cuda:x", "torch", None, "not 'cuda:x'"),
        (1, "cuda", "vllm", None, "belongs to --engine torch"),
        (2, "cuda:1", "torch", "local", "Ray gives each worker a GPU of its own"),
    ],
)  # fmt: skip
def test_what_is_not_there_gets_one_sentence(
    machine: Machine, gpus: int, device: str, engine: str, ray: str | None, says: str
) -> None:
    machine(gpus)
    with pytest.raises(UsageError, match=says):
        place_of(device, engine, ray)


def test_a_cluster_is_taken_at_its_word(machine: Machine) -> None:
    machine(0)
    assert place_of("cuda", ray="head:6379") == Place(CUDA)


def test_vllm_chooses_for_itself(machine: Machine) -> None:
    machine(4)
    assert place_of("auto", "vllm") == Place(CPU)
    with pytest.raises(UsageError, match="vllm computes where its own build does"):
        make_config({**BASE, "engine": "vllm", "device": "cuda"})


def test_a_config_names_the_kind_where_it_is_not_the_cpu() -> None:
    assert "device" not in make_config(BASE).to_toml()
    assert 'device = "cuda"' in make_config({**BASE, "device": "cuda"}).to_toml()
    for unresolved in ("auto", "cuda:1"):
        with pytest.raises(UsageError, match="device is one of cpu, cuda"):
            make_config({**BASE, "device": unresolved})


def test_a_runs_own_config_repeats_on_its_own_device(tmp_path: Path) -> None:
    """A finished run's file without a device is one of the CPU; a few lines of somebody's say nothing of it."""
    file = tmp_path / "config.toml"
    file.write_text(make_config(BASE).to_toml())
    assert read_settings(file)["device"] == "cpu"
    file.write_text(make_config({**BASE, "device": "cuda"}).to_toml())
    assert read_settings(file)["device"] == "cuda"
    file.write_text('env = "sorting"\n')
    assert "device" not in read_settings(file)


def test_gpus_as_the_driver_names_them(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make_config({**BASE, "device": "cuda"})
    machine(3)
    assert gpus_of(make_config(BASE)) == ()
    assert gpus_of(config) == ("0", "1", "2")
    assert gpus_of(config, 1) == ("1",)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5, GPU-8932f937,2")
    assert gpus_of(config) == ("5", "GPU-8932f937", "2")
    assert gpus_of(config, 1) == ("GPU-8932f937",)


def test_a_run_on_cuda_does_not_go_on_without(machine: Machine) -> None:
    machine(0)
    workers = pool(make_config({**BASE, "device": "cuda"}), 1)
    with pytest.raises(RunError, match="torch sees no CUDA device here"), workers:
        pass


@pytest.mark.parametrize(("asked", "gpu", "workers"), [(0, None, 3), (5, None, 5), (0, 2, 1)])
def test_a_worker_a_gpu_by_default(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, asked: int, gpu: int | None, workers: int
) -> None:
    made = []

    class Pool:
        def __init__(self, config: object, count: int, gpus: tuple[str, ...]) -> None:
            made.append((count, gpus))

        def close(self) -> None: ...

    machine(3)
    monkeypatch.setattr("esreason.executors.local.LocalPool", Pool)
    with pool(make_config({**BASE, "device": "cuda"}), asked, gpu=gpu):
        assert made == [(workers, ("0", "1", "2") if gpu is None else ("2",))]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads a process's environment in /proc")
def test_workers_take_turns_at_the_gpus_and_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7,9,11")
    before = dict(os.environ)
    made = LocalPool(make_config(BASE), 3, ("7", "9"))
    try:
        own = [Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0") for process in made._processes]
        seen = [gpu for each in own for gpu in ("7", "9") if f"CUDA_VISIBLE_DEVICES={gpu}".encode() in each]
        assert seen == ["7", "9", "7"]
        assert all(f"OMP_NUM_THREADS={max(1, cores() // 3)}".encode() in each for each in own)
        assert dict(os.environ) == before
    finally:
        made.close()


def test_unlike_gpus_are_named() -> None:
    alike([{"device": "cpu"}, {"device": "cpu"}])
    alike([{"gpu": "NVIDIA H100"}, {"gpu": "NVIDIA H100"}])
    with pytest.raises(RunError, match=r"NVIDIA H100, NVIDIA L4\).*--device cuda:N"):
        alike([{"gpu": "NVIDIA L4"}, {"gpu": "NVIDIA H100"}])
