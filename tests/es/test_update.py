"""Updates: exact in any order, the step rules by their formulas, and the identities of evolution strategies."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from esreason.es import update_centre
from esreason.es.noise import Noise, factors, normals
from esreason.es.update import StepRule, Update
from esreason.es.update_centre import Centre

DENSE, LOW = Noise("dense"), Noise("lowrank", 2)
SHAPES = {"embed": (37, 12), "norm": (12,), "mix": (12, 20), "conv": (6, 2, 3)}


def parameters(dtype: torch.dtype = torch.float32, scale: float = 0.02) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {name: (torch.randn(shape, generator=generator) * scale).to(dtype) for name, shape in SHAPES.items()}


def unit(seed: int, name: str, shape: tuple[int, ...], noise: Noise) -> np.ndarray:
    """The noise of a positive seed, by the definition."""
    if noise.factorised(shape):
        left, right = factors(seed, name, (shape[0], shape[1]), noise.rank)
        return (left.astype(np.float64) @ right.astype(np.float64).T) / 65536 / noise.rank**0.5
    return normals(seed, name, 0, math.prod(shape)).reshape(shape) / 256


def make(seeds: tuple[int, ...], coefficients: tuple[int, ...], noise: Noise = LOW, **changes: object) -> Update:
    base = Update(0, seeds, coefficients, 1.0 / (1000 * len(seeds)), 0.01, noise, StepRule())
    return replace(base, **changes)  # type: ignore[arg-type]


def bits(centre: Centre) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in centre.parameters.items()}


@pytest.mark.parametrize("noise", [DENSE, LOW], ids=["dense", "rank 2"])
def test_any_order_and_chunking_gives_the_same_bits(noise: Noise, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    seeds = [int(s) for s in random.permutation(range(1, 65))]
    pairs = [
        (s * sign, int(c)) for s, c in zip(seeds, random.integers(-131071, 131072, 64), strict=True) for sign in (1, -1)
    ]
    results = set()
    for chunk in (1, 7, 100, 2**18):
        monkeypatch.setattr(update_centre, "_CHUNK", chunk)
        random.shuffle(pairs)
        centre = Centre(parameters())
        centre.apply(make(tuple(s for s, _ in pairs), tuple(c for _, c in pairs), noise))
        results.add(centre.checksum())
    assert len(results) == 1


@pytest.mark.parametrize("noise", [DENSE, LOW, Noise()], ids=["dense", "rank 2", "rank 1"])
def test_the_step_is_the_weighted_sum_of_noise(noise: Noise) -> None:
    """Against Python's exact integers for one parameter, and the definition in float64 for all."""
    seeds, coefficients = (3, -3, 8, -9, 11), (500, -20, 131071, 77, 0)
    centre = Centre(parameters())
    update = make(seeds, coefficients, noise)
    centre.apply(update)
    for name, start in parameters().items():
        signed = [
            c * int(np.sign(s)) * unit(abs(s), name, SHAPES[name], noise)
            for s, c in zip(seeds, coefficients, strict=True)
        ]
        wanted = start.double().numpy() + update.alpha * update.scale * np.sum(signed, 0)
        assert np.array_equal(centre.parameters[name].numpy(), wanted.astype(np.float32)) or np.allclose(
            centre.parameters[name].numpy(), wanted, rtol=1.2e-7, atol=0
        )
    sums = next(update_centre._sums(update.terms(), "mix", SHAPES["mix"], noise, torch.device("cpu")))[1]
    if noise.factorised(SHAPES["mix"]):
        exact = np.zeros(SHAPES["mix"], dtype=object)
        for seed, coefficient in update.terms():
            left, right = factors(seed, "mix", (12, 20), noise.rank)
            exact += coefficient * (left.astype(object) @ right.astype(object).T)
        assert [[int(x) for x in row] for row in sums.tolist()] == exact.tolist()


def test_mirror_images_are_joined_and_zeros_left_out() -> None:
    update = make((4, -4, 5, -5, 6), (10, 3, 7, 7, 0))
    assert update.terms() == ((4, 7),)
    joined, apart = Centre(parameters()), Centre(parameters())
    joined.apply(make((4,), (7,), scale=1e-3))
    apart.apply(make((4, -4), (10, 3), scale=1e-3))
    assert bits(joined) == bits(apart)


def test_what_cannot_be_exact_is_refused() -> None:
    with pytest.raises(ValueError, match="coefficients"):
        make((1,), (2**17,))
    with pytest.raises(ValueError, match="too large to be exact"):
        Centre(parameters()).apply(make(tuple(range(1, 1001)), (2**17 - 1,) * 1000, Noise("lowrank", 64)))
    for seeds in ((0,), (2**53,)):
        with pytest.raises(ValueError, match="seeds"):
            make(seeds, (1,))
    with pytest.raises(ValueError, match="finite"):
        make((1,), (1,), alpha=float("nan"))
    centre = Centre(parameters())
    centre.apply(make((1,), (1,)))
    with pytest.raises(ValueError, match="must not change"):
        centre.apply(make((1,), (1,), rule=StepRule("adam")))


def reference(rule: StepRule, alphas: list[float], directions: list[np.ndarray], start: np.ndarray) -> np.ndarray:
    """The rules by their textbook formulas, in float64 throughout."""
    w, m, v = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for t, (alpha, g) in enumerate(zip(alphas, directions, strict=True), 1):
        if rule.kind == "sgd":
            w = w + alpha * g
        elif rule.kind == "momentum":
            m = rule.beta1 * m + g
            w = w + alpha * m
        else:
            m = rule.beta1 * m + (1 - rule.beta1) * g
            v = rule.beta2 * v + (1 - rule.beta2) * g**2
            w = w + alpha * (m / (1 - rule.beta1**t)) / (np.sqrt(v / (1 - rule.beta2**t)) + rule.eps)
        drift = w - start
        if rule.decay and rule.decay_norm == "l2":
            w = start + (1 - alpha * rule.decay) * drift
        elif rule.decay:
            w = start + np.sign(drift) * np.maximum(np.abs(drift) - alpha * rule.decay, 0)
    return w


@pytest.mark.parametrize("decay", [(0.0, "l2"), (3.0, "l2"), (0.002, "l1")], ids=["none", "l2", "l1"])
@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam"])
def test_step_rules(kind: str, decay: tuple[float, str]) -> None:
    rule = StepRule(kind, decay=decay[0], decay_norm=decay[1])  # type: ignore[arg-type]
    alphas = [0.01, 0.02, 0.005, 0.01]
    updates = [
        make((i + 1, -i - 2), (900, -400), LOW, scale=1e-3, alpha=alpha, rule=rule, iteration=i)
        for i, alpha in enumerate(alphas)
    ]
    centre = Centre(parameters())
    centre.replay(updates)
    for name, start in parameters().items():
        directions = [
            u.scale * (900 * unit(i + 1, name, SHAPES[name], LOW) + 400 * unit(i + 2, name, SHAPES[name], LOW))
            for i, u in enumerate(updates)
        ]
        wanted = reference(rule, alphas, directions, start.double().numpy())
        moved = np.abs(wanted - start.double().numpy()).max()
        assert np.abs(centre.parameters[name].numpy() - wanted).max() < 1e-4 * moved + 4 * 2**-26 * 0.1


def test_the_given_tensors_stay_as_they_are() -> None:
    given = parameters()
    Centre(given).apply(make((1,), (1000,), scale=1.0))
    assert all(torch.equal(given[name], tensor) for name, tensor in parameters().items())


def test_replay_gives_the_same_bits() -> None:
    updates = [make((i + 1, -i - 1), (5, -7), rule=StepRule("adam", decay=0.1)) for i in range(5)]
    once, again = Centre(parameters()), Centre(parameters())
    sums = []
    for update in updates:
        once.apply(update)
        sums.append(once.checksum())
    again.replay(updates)
    assert bits(once) == bits(again)
    assert len(set(sums)) == 5
    assert once.checksum() == again.checksum()
    assert once.weights_sha256() == again.weights_sha256()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("noise", [DENSE, Noise()], ids=["dense", "rank 1"])
def test_the_applied_step_is_the_intended_one(dtype: torch.dtype, noise: Noise) -> None:
    """Correlation at least 0.999 for weights of N(0, 0.02^2) and a step of rms 1e-4 (bfloat16 alone: 0.94)."""
    start = {"w": (torch.randn(300, 200, generator=torch.Generator().manual_seed(3)) * 0.02).to(dtype)}
    centre = Centre(start)
    seeds = tuple(range(1, 31))
    update = Update(0, seeds, (1000,) * 30, 1e-3 / 30, 5e-4, noise, StepRule())
    centre.apply(update)
    intended = sum(unit(seed, "w", (300, 200), noise) for seed in seeds)
    applied = centre.parameters["w"].double().numpy() - start["w"].double().numpy()
    assert 5e-5 < applied.std() < 2e-4
    assert np.corrcoef(applied.ravel(), np.asarray(intended).ravel())[0, 1] > 0.999
    assert centre.tensor("w").dtype == dtype


def move(centre: Centre, fitness: list[float], seeds: list[int], noise: Noise, alpha: float = 1.0) -> np.ndarray:
    """One step along sum fitness * noise / N; the change of the only parameter."""
    before = centre.parameters["x"].double().clone()
    top = max(map(abs, fitness))
    coefficients = tuple(round(f / top * 100_000) for f in fitness)
    rule, scale = StepRule(), top / 100_000 / len(seeds)
    centre.apply(Update(centre.steps, tuple(seeds), coefficients, scale, alpha, noise, rule))
    return (centre.parameters["x"].double() - before).numpy()


@pytest.mark.parametrize(("size", "members"), [(100, 30), (1000, 30), (10000, 30), (1000, 300)])
def test_identity_linear(size: int, members: int) -> None:
    """f = c x: E g = c, and a z-scored step has length 1 along c and cosine 1/sqrt(1 + (d-1)/N) (arXiv:1703.03864)."""
    slope = np.random.default_rng(0).normal(size=size)
    slope /= np.linalg.norm(slope)
    cosines, along = [], []
    for trial in range(24):
        seeds = list(range(1 + trial * members, 1 + (trial + 1) * members))
        raw = np.array([slope @ (normals(seed, "x", 0, size) / 256) for seed in seeds])
        scored = ((raw - raw.mean()) / raw.std()).tolist()
        step = move(Centre({"x": torch.zeros(size)}), scored, seeds, DENSE)
        cosines.append(step @ slope / np.linalg.norm(step))
        along.append(step @ slope)
    assert np.mean(cosines) == pytest.approx(1 / math.sqrt(1 + (size - 1) / members), rel=0.12)
    assert np.mean(along) == pytest.approx(1.0, abs=0.08)


def test_identity_quadratic_and_cubic() -> None:
    """Mirrored pairs: a quadratic's gradient is unbiased for any sigma; x^3 gains exactly 3 sigma^2."""
    sigma, at, pairs = 0.5, 0.7, 40_000
    draws = np.array([normals(seed, "x", 0, 1)[0] / 256 for seed in range(1, pairs + 1)])
    for f, gradient in ((lambda x: x**2, 2 * at), (lambda x: x**3, 3 * at**2 + 3 * sigma**2)):
        up, down = f(at + sigma * draws), f(at - sigma * draws)
        seeds = [s * sign for s in range(1, pairs + 1) for sign in (1, -1)]
        fitness = np.stack([up, down], 1).ravel() / sigma
        step = move(Centre({"x": torch.zeros(1)}), fitness.tolist(), seeds, DENSE)
        direct = float(np.mean((up - down) / (2 * sigma) * draws))
        assert step[0] == pytest.approx(direct, rel=1e-3)
        assert step[0] == pytest.approx(gradient, rel=0.05)


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_identity_rank_bias(rank: int) -> None:
    """For f = E_11^3 the low-rank estimate is off by exactly 2/r of 3; for linear f by nothing (arXiv:2511.16652)."""
    members = 60_000
    entries = np.array([float(unit(seed, "x", (1, 1), Noise(rank=rank))[0, 0]) for seed in range(1, members + 1)])
    cubic = move(Centre({"x": torch.zeros(1, 1)}), (entries**3).tolist(), list(range(1, members + 1)), Noise(rank=rank))
    linear = move(Centre({"x": torch.zeros(1, 1)}), entries.tolist(), list(range(1, members + 1)), Noise(rank=rank))
    assert cubic[0, 0] == pytest.approx(3 * (1 + 2 / rank), rel=0.12)
    assert linear[0, 0] == pytest.approx(1.0, rel=0.05)


def wander(steps: int, members: int, alpha: float, rule: StepRule, size: int = 4000) -> list[float]:
    """Root mean square distance from the start under z-scored fitness that is pure chance."""
    centre, random, out = Centre({"x": torch.zeros(size)}), np.random.default_rng(4), []
    for step in range(steps):
        fitness = random.normal(size=members)
        fitness = (fitness - fitness.mean()) / fitness.std()
        seeds = tuple(range(1 + step * members, 1 + (step + 1) * members))
        coefficients = tuple(round(float(f) * 20_000) for f in fitness)
        centre.apply(Update(step, seeds, coefficients, 1 / 20_000 / members, alpha, DENSE, rule))
        out.append(float(centre.parameters["x"].square().mean().sqrt()))
    return out


def test_drift_law() -> None:
    """Chance alone carries each weight alpha sqrt(T/N) away."""
    path = wander(60, 10, 0.01, StepRule())
    for t in (15, 30, 60):
        assert path[t - 1] == pytest.approx(0.01 * math.sqrt(t / 10), rel=0.05)
    slope = np.polyfit(np.log(np.arange(5, 61)), np.log(path[4:]), 1)[0]
    assert slope == pytest.approx(0.5, abs=0.05)


def test_anchored_weight_decay_is_stationary() -> None:
    """With L2 decay lambda the walk stops at sqrt(alpha / (2 N lambda)) a weight (arXiv:2605.30148)."""
    alpha, decay, members = 0.01, 5.0, 10
    path = wander(150, members, alpha, StepRule(decay=decay))
    # exact: the retraction c = 1 - alpha lambda acts on the step too, c^2/(1-c^2) instead of 1/(2 alpha lambda)
    keep = 1 - alpha * decay
    wanted = alpha / math.sqrt(members) * keep / math.sqrt(1 - keep**2)
    assert np.mean(path[-30:]) == pytest.approx(wanted, rel=0.04)
    assert wanted == pytest.approx(math.sqrt(alpha / (2 * members * decay)), rel=0.06)
    assert all(abs(b - a) < 0.2 * wanted for a, b in pairwise(path[-30:]))


def test_l1_decay_leaves_small_moves_at_the_start() -> None:
    centre = Centre({"x": torch.zeros(4000)})
    alpha, decay = 0.01, 0.5
    centre.apply(Update(0, (1,), (1000,), 1e-3, alpha, DENSE, StepRule(decay=decay, decay_norm="l1")))
    moved = centre.parameters["x"].numpy()
    noise = normals(1, "x", 0, 4000) / 256
    assert np.array_equal(moved == 0, np.abs(noise) * alpha <= alpha * decay)
    assert 0.3 < np.mean(moved == 0) < 0.45
