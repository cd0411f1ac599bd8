"""ESSA: singular directions against numpy's SVD, the members and steps that they mean, CMA-ES on a known optimum."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

from esreason.core.errors import RunError, UsageError
from esreason.engines.torch_written import write
from esreason.es.config import make_config
from esreason.es.noise import ONE, Member, Noise, normals
from esreason.es.seedlog import SeedLog, updates
from esreason.es.spectrum import UNIT, Directions
from esreason.es.strategies.essa import Essa
from esreason.es.strategy import Settings
from esreason.es.update import StepRule, Update
from esreason.es.update_centre import Centre
from esreason.models import SPROUT
from tests.cli.conftest import call

Matrix = NDArray[np.float64]
SHAPES = {"a": (12, 20), "b": (20, 10), "norm": (20,)}
K = 4


def planted(rows: int, columns: int, seed: int = 0) -> Matrix:
    """A matrix whose singular values fall by a quarter each."""
    random = np.random.default_rng(seed)
    u, _ = np.linalg.qr(random.standard_normal((rows, min(rows, columns))))
    v, _ = np.linalg.qr(random.standard_normal((columns, min(rows, columns))))
    return np.asarray(u * (3.0 * 0.75 ** np.arange(min(rows, columns)))) @ v.T


def shifted(matrix: Matrix, shares: Matrix) -> Matrix:
    """U diag(s (1 + shares)) V^T of the first singular values, by numpy."""
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    s[: len(shares)] *= 1.0 + shares
    return np.asarray((u * s) @ vt)


def parameters() -> dict[str, torch.Tensor]:
    return {
        name: torch.from_numpy(planted(*shape, seed=len(name)) if len(shape) == 2 else np.ones(shape)).float()
        for name, shape in SHAPES.items()
    }


def member(shares: Matrix, sigma: float = 0.5) -> Member:
    return Member(1, sigma, tuple(int(share) for share in np.rint(shares * ONE / sigma)))


@pytest.mark.parametrize("shape", [(20, 20), (9, 30), (64, 16), (1, 5)])
def test_directions_are_the_singular_ones(shape: tuple[int, int]) -> None:
    matrix = planted(*shape)
    k = min(5, *shape)
    found = Directions.of(matrix.astype(np.float32), k, "w")
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    for j in range(k):
        product = np.outer(found.left[:, j].astype(float), found.right[:, j].astype(float)) * found.unit
        np.testing.assert_allclose(product, s[j] * np.outer(u[:, j], vt[j]), atol=3e-4 * s[0])
    assert np.abs(found.left).max() <= UNIT and np.abs(found.right).max() <= UNIT


def test_where_values_lie_close_the_directions_are_still_a_singular_pair_of_each_other() -> None:
    matrix = np.random.default_rng(1).standard_normal((120, 80))
    found = Directions.of(matrix.astype(np.float32), 6, "w")
    left, right = (np.asarray(part / np.linalg.norm(part, axis=0)) for part in (found.left * 1.0, found.right * 1.0))
    np.testing.assert_allclose(left.T @ left, np.eye(6), atol=1e-3)
    inside = left.T @ matrix @ right
    assert np.abs(inside - np.diag(np.diag(inside))).max() < 1e-3 * np.linalg.norm(matrix, 2)
    assert np.all(np.diag(inside) > 0.9 * np.linalg.svd(matrix, compute_uv=False)[:6])


def test_directions_are_the_same_integers_on_every_machine() -> None:
    """The digest came out with the kernels of four generations of processors (OPENBLAS_CORETYPE)."""
    matrix = normals(3, "matrix", 0, 48 * 96).reshape(48, 96).astype(np.float32) / ONE
    found = Directions.of(matrix, 8, "w")
    digest = hashlib.sha256(found.left.astype("<i2").tobytes() + found.right.astype("<i2").tobytes()).hexdigest()
    assert digest[:16] == "0823814397d96e86"
    assert found.unit.hex() == "0x1.0b00e17b348c1p-24"


def test_full_rank_shares_scale_the_matrix_and_zeros_leave_it() -> None:
    centre, noise = Centre(parameters()), Noise("spectral", 10)
    base = centre.parameters["b"].clone()
    out = torch.empty_like(base)
    for share in (0.5, -1.0, 0.0):
        write(centre, "b", member(np.full(20, share)), noise, out)
        torch.testing.assert_close(out, base * (1 + share), atol=2e-3, rtol=0)
    assert torch.equal(out, base)
    write(centre, "norm", member(np.full(20, 0.5)), noise, vector := torch.empty(20))
    assert torch.equal(vector, torch.ones(20))


def test_a_step_moves_the_singular_values_it_names() -> None:
    """Coordinates 1..k are the first matrix's, and so on; the base's U and V stay in use after a step."""
    centre, noise = Centre(parameters()), Noise("spectral", K)
    for number in range(2):
        centre.apply(Update(number, (2, K + 1, 3), (2**15, -(2**14), 0), 2.0**-16, 1.0, noise, StepRule()))
    first, second = np.array([0.0, 1.0, 0.0, 0.0]), np.array([-0.5, 0.0, 0.0, 0.0])
    for name, shares in (("a", first), ("b", second)):
        wanted = shifted(parameters()[name].double().numpy(), shares)
        np.testing.assert_allclose(centre.parameters[name].numpy(), wanted, atol=1e-3)
    assert torch.equal(centre.parameters["norm"], torch.ones(20))
    for seeds in ((1, 1), (0x9, 2), (-1, 2)):
        with pytest.raises(ValueError, match="direction"):
            centre.apply(Update(2, seeds, (1, 1), 1.0, 1.0, noise, StepRule()))


def test_cma_finds_the_optimum_among_singular_values() -> None:
    """Reward falls with the squared distance of the weights from ones whose singular values are known."""
    random = np.random.default_rng(2)
    base = {name: tensor.double().numpy() for name, tensor in parameters().items()}
    aims = {name: random.uniform(-0.6, 0.6, K) for name in ("a", "b")}
    goal = {name: shifted(base[name], aim) for name, aim in aims.items()}
    noise = Noise("spectral", K, 2 * K)
    strategy = Essa(Settings(16, 0.2, 1.0, noise, mirrored=False), seed=7)
    centre, out = Centre(parameters()), {name: torch.empty(SHAPES[name]) for name in goal}

    def reward(who: Member) -> float:
        for name, tensor in out.items():
            write(centre, name, who, noise, tensor)
        return -float(sum(((out[name].double().numpy() - goal[name]) ** 2).sum() for name in goal))

    played = list[tuple[Any, Any]]()
    for _ in range(60):
        members = strategy.ask()
        assert members == strategy.ask() and len(set(members)) == 16 and len(members[0].shares) == 2 * K
        fitness = np.array([[reward(who)] for who in members])
        update = strategy.tell(fitness)
        centre.apply(update)
        played.append((fitness, update))
    for name, wanted in goal.items():
        np.testing.assert_allclose(centre.parameters[name].numpy(), wanted, atol=5e-3)
    again = Essa(Settings(16, 0.2, 1.0, noise, mirrored=False), seed=7)
    np.random.default_rng(0).standard_normal(3), np.random.seed(5)  # nobody else's draws matter
    assert all(again.tell(fitness) == update for fitness, update in played)


def test_a_population_without_differences_moves_nothing() -> None:
    strategy = Essa(Settings(8, 0.2, 1.0, Noise("spectral", 2, 6), mirrored=False), seed=1)
    first = strategy.ask()
    assert not any(strategy.tell(np.full((8, 3), 0.5)).coefficients)
    assert strategy.ask() != first


@pytest.mark.parametrize("options", [
    {"strategy": "essa", "quantize": "int8"}, {"strategy": "essa", "engine": "vllm"},
    {"strategy": "essa", "sigma": "auto"}, {"strategy": "essa", "sigma_schedule": "cosine"},
    {"strategy": "essa", "mirrored": True}, {"strategy": "essa", "noise": "lowrank"}, {"noise": "spectral"},
    {"strategy": "essa", "decay": 1.0},
])  # fmt: skip
def test_what_does_not_go_together_is_one_sentence(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as error:
        make_config({"env": "sorting", "model": "sprout", **options})
    assert "\n" not in str(error.value) and len(str(error.value)) < 160


def test_a_rank_beyond_a_matrix_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"b has 10 singular values, not 11"):
        Centre(parameters()).spectrum(11)


TINY = ["--env", "sorting", "--strategy", "essa", "--sigma", "0.5", "--iterations", "2", "--population", "8", "--tasks",
        "4", "--test-episodes", "8", "--rank", "2", "--quiet", "--json"]  # fmt: skip


def test_one_worker_or_two_resume_and_export_give_the_same_weights(tmp_path: Path) -> None:
    runs = [tmp_path / "one", tmp_path / "two"]
    results = []
    for workers, run in enumerate(runs, 1):
        done = call("run", *TINY, "--workers", workers, "--out", run, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        results.append(json.loads(done.stdout))
    logs = [(run / "seedlog.jsonl").read_bytes() for run in runs]
    assert logs[0] == logs[1] and results[0]["weights_sha256"] == results[1]["weights_sha256"]
    header, lines = SeedLog(runs[0] / "seedlog.jsonl").read()
    matrices = sum(array.ndim == 2 for array in load_file(SPROUT / "model.safetensors").values())
    assert header.noise == Noise("spectral", 2, 2 * matrices) and len(lines[0]["seeds"]) == 2 * matrices
    assert any(lines[0]["coefficients"])  # there was something to choose between

    shutil.copytree(runs[0], tmp_path / "cut")  # as a crash in the second iteration leaves it
    for name in ("result.json", "transcripts.jsonl"):
        (tmp_path / "cut" / name).unlink()
    (tmp_path / "cut" / "seedlog.jsonl").write_bytes(b"\n".join(logs[0].splitlines()[:2]) + b"\n")
    done = call("resume", "cut", "--workers", 1, cwd=tmp_path)
    assert done.returncode == 0 and (tmp_path / "cut" / "seedlog.jsonl").read_bytes() == logs[0], done.stderr

    result = json.loads((runs[0] / "result.json").read_text())
    for verb, *more in (("verify",), ("export", "model")):
        done = call(verb, "one", *more, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["weights_sha256"] == result["weights_sha256"]
    board = call("submit", "one", "--board", "board", cwd=tmp_path)
    assert board.returncode == 0, board.stderr


def test_a_log_with_other_directions_is_refused(tmp_path: Path) -> None:
    log = SeedLog(tmp_path / "seedlog.jsonl")
    header = {"schema": "esreason.seedlog/1", "base_sha256": "", "config_sha256": "", "rule": {}, "sigma": 1.0,
              "alpha": 1.0, "validation": 0.0, "episodes": 0, "tokens": 0, "tokens_out": 0}  # fmt: skip
    for noise in ({"kind": "spectral", "rank": 4, "directions": 7}, {"kind": "lowrank", "rank": 1, "directions": 2}):
        log.path.write_text(json.dumps({**header, "noise": noise}) + "\n")
        with pytest.raises(RunError, match="directions"):
            list(updates(*log.read()))
