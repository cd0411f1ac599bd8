"""What theory says of evolution strategies, on our noise and our update."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from esreason.es.noise import ONE, Noise, factors, normals
from esreason.es.shaping import zscore
from esreason.es.strategy import Settings, Strategy, as_integers, member_seed
from esreason.es.update import StepRule, Update
from esreason.es.update_centre import Centre

Vector = NDArray[np.float64]
DENSE = Noise("dense", 1)


def noise(seed: int, d: int) -> Vector:
    """A dense perturbation of d numbers; a negative seed is its mirror image."""
    return math.copysign(1.0, seed) * normals(abs(seed), "w", 0, d) / ONE


def estimate(f: Callable[[Vector], float], x: Vector, sigma: float, seeds: list[int]) -> Vector:
    """The plain estimator (1 / (N sigma)) sum f(x + sigma eps) eps."""
    samples = [(noise(seed, len(x)), seed) for seed in seeds]
    return np.mean([f(x + sigma * e) * e for e, _ in samples], axis=0) / sigma


def seeds(count: int, run: int = 0, mirrored: bool = False) -> list[int]:
    drawn = [member_seed(run, 0, k) for k in range(count // 2 if mirrored else count)]
    return [s for seed in drawn for s in (seed, -seed)] if mirrored else drawn


def update(
    chosen: list[int], utilities: Vector, alpha: float, kind: Noise = DENSE, rule: StepRule | None = None
) -> Update:
    coefficients, scale = as_integers(utilities)
    return Update(0, tuple(chosen), coefficients, scale / len(chosen), alpha, kind, rule or StepRule())


@pytest.mark.parametrize(("d", "n"), [(100, 30), (1000, 30), (1000, 300)])
def test_linear_fitness_step_and_cosine(d: int, n: int) -> None:
    """A z-scored step moves about alpha along g/|g| whatever d is; its cosine is 1 / sqrt(1 + (d - 1) / N)."""
    g = np.random.default_rng(0).standard_normal(d)
    along, cosines = [], []
    for run in range(40):
        chosen = seeds(n, run)
        utilities = zscore(np.array([[noise(seed, d) @ g] for seed in chosen]))
        centre = Centre({"w": torch.zeros(d)})
        centre.apply(update(chosen, utilities, alpha=1.0))
        step = centre.parameters["w"].double().numpy()
        along.append(step @ g / np.linalg.norm(g))
        cosines.append(step @ g / np.linalg.norm(g) / np.linalg.norm(step))
    assert np.mean(along) == pytest.approx(1.0, abs=0.08)
    assert np.mean(cosines) == pytest.approx(1 / math.sqrt(1 + (d - 1) / n), rel=0.08)


def test_the_plain_estimator_is_unbiased_with_the_stated_variance() -> None:
    d, n, g = 40, 20, np.random.default_rng(1).standard_normal(40)
    found = np.array([estimate(lambda y: float(y @ g), np.zeros(d), 0.3, seeds(n, run)) for run in range(1500)])
    assert np.abs(found.mean(axis=0) - g).max() < 5 * np.linalg.norm(g) / math.sqrt(n * 1500) * 1.5
    ratio = (found**2).sum(axis=1).mean() / (g @ g)
    assert ratio == pytest.approx(1 + (d + 1) / n, rel=0.08)


def test_mirrored_pairs_are_exact_on_quadratics_up_to_the_linear_part() -> None:
    """The even part of a quadratic cancels in every pair: the estimate is that of its gradient's linear function."""
    d, rng = 30, np.random.default_rng(2)
    a = rng.standard_normal((d, d))
    a, b, x = a + a.T, rng.standard_normal(d), rng.standard_normal(d)
    chosen = seeds(16, mirrored=True)
    gradient = a @ x + b
    quadratic = estimate(lambda y: float(0.5 * y @ a @ y + b @ y), x, 0.5, chosen)
    linear = estimate(lambda y: float(gradient @ y), np.zeros(d), 0.5, chosen)
    assert np.allclose(quadratic, linear, atol=1e-8)


@pytest.mark.parametrize("sigma", [0.2, 0.5])
def test_the_bias_on_a_cubic_is_three_sigma_squared(sigma: float) -> None:
    chosen = seeds(200_000 // 2, mirrored=True)
    e = np.array([normals(abs(s), "w", 0, 1)[0] for s in chosen[::2]]) / ONE
    x = 0.7
    found = np.mean(((x + sigma * e) ** 3 - (x - sigma * e) ** 3) * e) / (2 * sigma)
    assert found == pytest.approx(3 * x**2 + 3 * sigma**2, rel=0.03)


def test_the_error_falls_with_the_square_root_of_the_population() -> None:
    g, sizes, errors = np.random.default_rng(3).standard_normal(20), [16, 64, 256, 1024], []
    for n in sizes:
        found = [estimate(lambda y: float(y @ g), np.zeros(20), 1.0, seeds(n, run)) for run in range(30)]
        errors.append(np.mean([np.linalg.norm(f - g) for f in found]))
    slope = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.1)


@pytest.mark.parametrize("rank", [1, 2, 4, 8])
def test_rank_r_noise_has_unit_variance_and_fourth_moment_three_plus_six_over_r(rank: int) -> None:
    """EGGROLL's E = A B^T / sqrt(r)."""
    entries = []
    for seed in range(1, 400):
        a, b = factors(seed, "w", (24, 24), rank)
        entries.append((a.astype(float) / ONE) @ (b.astype(float) / ONE).T / math.sqrt(rank))
    values = np.concatenate([e.ravel() for e in entries])
    assert values.mean() == pytest.approx(0.0, abs=0.01)
    assert values.var() == pytest.approx(1.0, rel=0.02)
    assert (values**4).mean() == pytest.approx(3 + 6 / rank, rel=0.12)


@pytest.mark.parametrize(("members", "rank"), [(1, 1), (3, 1), (3, 2), (40, 1)])
def test_the_step_has_the_rank_of_its_members(members: int, rank: int) -> None:
    centre = Centre({"w": torch.zeros(20, 12)})
    chosen = seeds(max(members, 2))[:members]
    centre.apply(update(chosen, np.linspace(1.0, 2.0, members), 1.0, Noise("lowrank", rank)))
    step = centre.parameters["w"].double().numpy()
    assert np.linalg.matrix_rank(step, tol=1e-4) == min(members * rank, 20, 12)


def test_the_low_rank_step_is_the_sum_of_its_outer_products() -> None:
    chosen, utilities = seeds(6), np.array([1.0, -2.0, 0.5, 0.25, -1.0, 1.5])
    centre = Centre({"w": torch.zeros(9, 5)})
    centre.apply(update(chosen, utilities, 0.5, Noise("lowrank", 2)))
    expected = np.zeros((9, 5))
    for seed, utility in zip(chosen, utilities, strict=True):
        a, b = factors(seed, "w", (9, 5), 2)
        expected += utility * (a.astype(float) / ONE) @ (b.astype(float) / ONE).T / math.sqrt(2)
    assert np.allclose(centre.parameters["w"].numpy(), 0.5 * expected / 6, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", [DENSE, Noise("lowrank", 1)])
def test_the_applied_step_is_the_intended_one(dtype: torch.dtype, kind: Noise) -> None:
    """Correlation 0.999 or better; seed-by-seed additions in bfloat16 reach 0.71."""
    start = torch.randn(64, 48, generator=torch.Generator().manual_seed(0)).mul_(0.02).to(dtype)
    chosen, rng = seeds(30), np.random.default_rng(5)
    centre, intended = Centre({"w": start.clone()}), Centre({"w": torch.zeros(64, 48)})
    for _ in range(5):
        told = update(chosen, rng.standard_normal(30), 5e-4, kind)
        centre.apply(told)
        intended.apply(told)
    applied = centre.parameters["w"].double() - start.double()
    pair = torch.stack([applied.flatten(), intended.parameters["w"].double().flatten()])
    assert float(torch.corrcoef(pair)[0, 1]) > 0.999


def test_members_order_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    import esreason.es.update_centre as module

    chosen, utilities = seeds(64, mirrored=True), np.random.default_rng(6).standard_normal(64)
    order = np.random.default_rng(7).permutation(64)
    checksums = set()
    for chunk in (2**18, 37, 1):
        monkeypatch.setattr(module, "_CHUNK", chunk)
        for way in (range(64), order):
            for kind in (DENSE, Noise("lowrank", 3)):
                centre = Centre({"w": torch.full((15, 11), 0.1), "b": torch.full((15,), -0.2)})
                told = update(chosen, utilities, 0.01, kind)
                centre.apply(
                    Update(0, tuple(told.seeds[i] for i in way), tuple(told.coefficients[i] for i in way),
                           told.scale, told.alpha, kind, told.rule)
                )  # fmt: skip
                checksums.add((kind, centre.checksum()))
    assert len(checksums) == 2


def test_layers_of_one_shape_get_noise_of_their_own() -> None:
    """The released code of «ES at Scale» gives equal layers equal noise; here their names keep them apart."""
    first, second = normals(5, "layers.0.w", 0, 10_000), normals(5, "layers.1.w", 0, 10_000)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


def wander(steps: int, n: int, d: int, alpha: float, rule: StepRule) -> float:
    """The root mean square of a weight after steps along pure noise."""
    centre, rng = Centre({"w": torch.zeros(d)}), np.random.default_rng(8)
    for t in range(steps):
        chosen = [member_seed(9, t, k) for k in range(n)]
        centre.apply(update(chosen, zscore(rng.standard_normal((n, 1))), alpha, DENSE, rule))
    return float(centre.parameters["w"].double().square().mean().sqrt())


def test_the_drift_law() -> None:
    """Without a signal the distance from the start grows as alpha sqrt(T d / N)."""
    assert wander(60, 8, 3000, 0.01, StepRule()) == pytest.approx(0.01 * math.sqrt(60 / 8), rel=0.06)


def test_anchored_weight_decay_stands_still() -> None:
    """With it the distance settles at sqrt(alpha / (2 N lambda)) a weight."""
    alpha, n, decay = 0.1, 8, 0.2
    expected = math.sqrt(alpha / (2 * n * decay))
    assert wander(150, n, 3000, alpha, StepRule(decay=decay)) == pytest.approx(expected, rel=0.08)


def test_the_default_strategy_climbs_a_quadratic() -> None:
    from esreason.es.strategies import BUILTIN

    d, target = 20, np.linspace(-1, 1, 20)
    strategy: Strategy = BUILTIN["mirrored"](Settings(population=32, sigma=0.1, alpha=0.1, noise=DENSE), seed=1)
    centre = Centre({"w": torch.zeros(d)})
    for _ in range(150):
        at = centre.parameters["w"].double().numpy()
        fitness = [[-((at + m.sigma * noise(m.seed, d) - target) ** 2).sum()] for m in strategy.ask()]
        centre.apply(strategy.tell(np.array(fitness)))
    assert np.abs(centre.parameters["w"].double().numpy() - target).max() < 0.25
