"""Rollouts, updates and exports of a model on a device other than the CPU, which is simulated: see `_simulated`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

import esreason
from esreason.engines.base import Request, Sampling
from esreason.engines.torch_cache import Span
from esreason.engines.torch_engine import TorchEngine
from esreason.engines.torch_runner import BatchRunner
from esreason.es.config import RunConfig, make_config
from esreason.es.folder import RunFolder
from esreason.es.lattice import Lattice
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.trainer import Trainer
from esreason.es.update import StepRule, Update
from esreason.executors.worker import Worker
from esreason.rollout.episode import Episode
from esreason.rollout.unit import Unit
from tests.cli.conftest import call
from tests.engines._simulated import NAME, Simulated, Traffic, simulated_device

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1" and find_spec("triton") is not None
TASKS = tuple(esreason.make_task("sorting", seed) for seed in range(3))
WAYS: dict[str, dict[str, Any]] = {
    "low rank": {},
    "rank 3, sampled": {"rank": 3, "temperature": 1.0},
    "dense": {"noise": "dense", "step": "momentum", "decay": 0.1},
    "bfloat16": {"dtype": "bfloat16", "step": "adam"},
    "int4": {"quantize": "int4"},
    "int8, replayed": {"quantize": "int8", "residual": "replay"},
    "spectral": {"noise": "spectral", "rank": 2, "strategy": "essa", "sigma": 0.05, "alpha": 0.1},
}
RULES = {"step": "kind", "decay": "decay"}


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traffic]:
    kernels = None
    if INTERPRETED:
        from esreason.es import update_triton as kernels
    with simulated_device(monkeypatch, kernels) as traffic:
        yield traffic


def life(worker: Worker, config: RunConfig, rule: StepRule) -> list[Any]:
    """What a worker answers in a run: two units about an update, digests, drift, and a replay."""
    directions = worker.description.get("directions", 0)
    noise = config.perturbation(directions)
    if directions:
        members = (Member(1, 0.05, shares=tuple(range(-directions, directions, 2))), CENTRE)
        seeds = (1, directions)
    else:
        members, seeds = (Member(5, 0.02), Member(-5, 0.02)), (5, -7)
    steps = [Update(i, seeds, (900, -700), 1e-4, 0.05, noise, rule, 0.02) for i in range(2)]
    told = [worker.play(Unit(members, TASKS)), worker.update(steps[0]), worker.play(Unit((CENTRE, *members), TASKS))]
    return [*told, worker.update(steps[1]), worker.engine.weights_sha256(), worker.engine.drift(), worker.rewind(steps)]


def settings_of(way: str) -> tuple[RunConfig, StepRule]:
    settings = WAYS[way]
    rule = StepRule(**{RULES[name]: value for name, value in settings.items() if name in RULES})
    return make_config({"env": "sorting", "model": "sprout", **settings}), rule


@pytest.mark.gpu
@pytest.mark.parametrize("way", WAYS)
def test_a_real_gpu_has_the_cpus_weights_and_repeats_itself(way: str) -> None:
    """What it plays may differ from the CPU in rounding, but never from what it played before."""
    config, rule = settings_of(way)
    expected, there = life(Worker.build(config), config, rule), Worker.build(replace(config, device="cuda"))
    told = life(there, config, rule)
    assert [told[i] for i in (1, *range(3, 7))] == [expected[i] for i in (1, *range(3, 7))]
    there.rewind([])
    assert life(there, config, rule) == told


@pytest.mark.parametrize("way", WAYS)
def test_a_run_says_the_same_as_on_the_cpu(way: str, request: pytest.FixtureRequest) -> None:
    """Episodes with their tokens, checksums after every step, weights: of workers that differ in their device."""
    config, rule = settings_of(way)
    here = Worker.build(config)
    expected = life(here, config, rule)
    request.getfixturevalue("device")
    there = Worker.build(replace(config, device="cuda"))
    assert life(there, config, rule) == expected
    assert {name: there.description[name] for name in ("device", "gpu")} == {"device": "cuda", "gpu": NAME}
    assert there.description["base_sha256"] == here.description["base_sha256"]
    assert isinstance(there.engine, TorchEngine)
    held = there.engine.centre.parameters.values()
    assert all(isinstance(parameter, Simulated) for parameter in held) == (config.quantize == "none")


class Here:
    """An executor of one worker in this process."""

    def __init__(self, config: RunConfig) -> None:
        self.worker = Worker.build(config)
        self.update, self.rewind = self.worker.update, self.worker.rewind
        self.weights_sha256, self.drift = self.worker.engine.weights_sha256, self.worker.engine.drift
        self.export = self.worker.engine.export

    def facts(self) -> dict[str, Any]:
        return self.worker.description

    def play(self, units: Sequence[Unit]) -> Iterator[tuple[int, list[list[Episode]]]]:
        return enumerate(map(self.worker.play, units))

    def device_seconds(self) -> float:
        return self.worker.seconds

    def close(self) -> None: ...


def test_a_run_is_submitted_from_a_machine_without_the_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its log has the CPU's lines, its files name the device, and whoever replays and rebuilds it needs none."""
    made = {"env": "sorting", "model": "sprout", "population": 4, "tasks": 2, "iterations": 2, "test_episodes": 8,
            "validation_episodes": 8, "sigma": 0.02, "noise": "dense"}  # fmt: skip
    folders = {}
    for device in ("cpu", "cuda"):
        config = make_config({**made, "device": device})
        folders[device] = RunFolder.create(tmp_path / device, config)
        with simulated_device(monkeypatch) if device == "cuda" else nullcontext():
            Trainer(folders[device], Here(config)).run()
    here, there = folders["cpu"], folders["cuda"]
    assert there.seedlog.read()[1] == here.seedlog.read()[1] != []
    told = there.result()
    assert (told["device"], told["gpu"], there.config().device) == ("cuda", NAME, "cuda")
    assert told["weights_sha256"] == here.result()["weights_sha256"]
    done = call("submit", there.path, "--board", tmp_path / "board", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("llama-grouped", "float16"), ("qwen2-window", "float32"), ("qwen3", "float32"), ("gemma", "float32"),
     ("gpt2", "float32"), ("gpt_neox", "float32")],
)  # fmt: skip
def test_every_architecture(
    name: str, dtype: str, checkpoint: Callable[[str], Path], request: pytest.FixtureRequest
) -> None:
    """Ragged prompts and two turns; low rank, and the codes of a lattice, by our passes and transformers' modules."""
    ways: list[dict[str, Any]] = [{"noise": Noise("lowrank", 2)}, {"lattice": Lattice("int8")}]
    folder, members = checkpoint(name), [Member(5, 0.03), CENTRE]

    def said(where: str) -> list[list[str]]:
        texts = []
        for way in ways:
            engine = TorchEngine(folder, dtype=dtype, device=where, **way)  # type: ignore[arg-type]
            engine.load(members, 5)
            prompts = [f"solve {'.' * (3 * episode)}>" for episode in range(5)]
            for _ in range(2):
                asked = [Request(m, e, prompts[e], Sampling(4 + e, stop="")) for m in range(2) for e in range(5)]
                texts.append([completion.text for completion in engine.generate(asked)])
                prompts = [f"{prompt}{text}|" for prompt, text in zip(prompts, texts[-1][5:], strict=True)]
        return texts

    expected = said("cpu")
    request.getfixturevalue("device")
    assert said("cuda") == expected


def test_an_export_is_the_centre(device: Traffic, tmp_path: Path) -> None:
    engine = TorchEngine(esreason.models.model_path("sprout"), device="cuda")
    engine.apply_update(Update(0, (5, 7), (900, -700), 1e-4, 0.05, Noise("lowrank", 1), StepRule()))
    engine.export(tmp_path / "moved")
    assert TorchEngine(tmp_path / "moved").weights_sha256() == engine.weights_sha256()


def test_nothing_of_a_models_size_is_copied_while_it_plays(device: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step reads back its tokens and nothing else; a load, each vector once; an update, what it digests."""
    engine = TorchEngine(esreason.models.model_path("sprout"), device="cuda")
    vectors = sum(p.dim() == 1 for p in engine.centre.parameters.values())
    device.forget()
    engine.load([Member(seed, 0.02) for seed in (5, 6, 7)], 2)
    assert len(device.down) == vectors
    steps, step = [], BatchRunner._step

    def counted(*arguments: Any) -> Any:
        device.forget()
        tokens = step(*arguments)
        steps.append((list(device.down), sum(device.up)))
        return tokens

    monkeypatch.setattr(BatchRunner, "_step", counted)
    engine.generate([Request(m, e, "sort 3 1 2", Sampling(6, stop="")) for m in range(3) for e in range(2)])
    assert len(steps) >= 3 and all(down == [8] or down == [6] for down, _ in steps)
    assert all(up <= 64 for _, up in steps)
    device.forget()
    engine.apply_update(Update(0, (5, 7), (900, -700), 1e-4, 0.05, Noise("lowrank", 1), StepRule()))
    assert sum(device.down) == engine.centre.size and max(device.up, default=0) < engine.centre.size / 8


def test_the_simulation_refuses_what_cuda_refuses(device: Traffic) -> None:
    there, here = torch.ones(3, device="cuda"), torch.ones(3)
    mixtures: list[Callable[[], object]] = [
        lambda: there + here, lambda: here.mul_(there), lambda: torch.cat([there, here]), lambda: here[there.long()],
        lambda: torch.mul(there, 2.0, out=here), lambda: torch.nn.functional.embedding(here.long(), there.view(3, 1)),
    ]  # fmt: skip
    for mixed in mixtures:
        with pytest.raises(RuntimeError, match="same device"):
            mixed()
    with pytest.raises(TypeError, match="numpy"):
        there.numpy()
    assert (there * torch.tensor(2.0)).tolist() == [2.0, 2.0, 2.0]
    assert str(there[torch.tensor([0])].device) == "cuda:0" and str(there.cpu().device) == "cpu"
    here.copy_(there.add_(1))
    assert here.tolist() == [2.0, 2.0, 2.0]


def test_a_tensor_made_in_the_wrong_place_is_found(device: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commonest mistake, put into the code on purpose: a factory without the device."""
    monkeypatch.setattr(
        Span, "positions", lambda span: span.lengths.unsqueeze(1) + torch.arange(span.width)
    )  # fmt: skip
    engine = TorchEngine(esreason.models.model_path("sprout"), device="cuda")
    with pytest.raises(RuntimeError, match="same device"):
        engine.generate([Request(0, 0, "sort 3 1 2")])
