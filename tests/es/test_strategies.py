"""Each published method against the identity that defines it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from esreason.core.errors import UsageError
from esreason.es.config import make_config
from esreason.es.noise import ONE, Noise, normals
from esreason.es.shaping import zscore
from esreason.es.strategies import BUILTIN
from esreason.es.strategies.essam import RHO_OVER_ALPHA
from esreason.es.strategies.randopt import SHARE, SPREAD, RandOpt
from esreason.es.strategy import Settings, Strategy
from esreason.es.update import StepRule
from esreason.es.update_centre import Centre
from tests.cli.conftest import call

Vector = NDArray[np.float64]
D = 30
CURVATURE = np.linspace(0.1, 2.0, D)


def noise(seed: int) -> Vector:
    return float(np.sign(seed)) * normals(abs(seed), "w", 0, D) / ONE


def reward(x: Vector) -> float:
    return float(-0.5 * (CURVATURE * (x - 1.0) ** 2).sum())


def make(name: str, **more: Any) -> Strategy:
    given = {"population": 24, "sigma": 0.1, "alpha": 0.05, "noise": Noise("dense", 1), "mirrored": False, **more}
    return BUILTIN[name](Settings(**given), seed=4)


def position(centre: Centre) -> Vector:
    return centre.parameters["w"].double().numpy().copy()


def turn(strategy: Strategy, centre: Centre) -> tuple[Vector, Vector]:
    """Carry one iteration; the noise of the members [members, D] and their fitness [members]."""
    members = strategy.ask()
    drawn = np.array([noise(member.seed) for member in members])
    fitness = np.array([reward(position(centre) + m.sigma * e) for m, e in zip(members, drawn, strict=True)])
    centre.apply(strategy.tell(fitness[:, None]))
    return drawn, fitness


def test_essam_steps_from_the_start_along_the_gradient_of_the_worst_point_nearby() -> None:
    """Sharpness-aware minimisation: theta + alpha g(theta - rho g(theta)), the gradients being the z-scored sums."""
    strategy, centre, alpha = make("essam", shaping="zscore"), Centre({"w": torch.zeros(D)}), 0.05
    for _ in range(3):
        start = position(centre)
        drawn, fitness = turn(strategy, centre)
        g = zscore(fitness[:, None]) @ drawn / len(drawn)
        assert np.allclose(position(centre), start - RHO_OVER_ALPHA * alpha * g, atol=1e-5)
        drawn, fitness = turn(strategy, centre)
        g = zscore(fitness[:, None]) @ drawn / len(drawn)
        assert np.allclose(position(centre), start + alpha * g, atol=1e-5)


def test_essam_refuses_rules_whose_moves_cannot_be_undone() -> None:
    for rule in (StepRule("adam"), StepRule(decay=1.0)):
        with pytest.raises(UsageError, match="plain step"):
            make("essam", rule=rule)
    with pytest.raises(UsageError, match="multiples of 2"):
        make_config({"env": "sorting", "model": "sprout", "strategy": "essam", "iterations": 5})


def test_agentic_esopt_lets_sigma_fall_along_half_a_cosine() -> None:
    config = make_config({"env": "sorting", "model": "sprout", "strategy": "agentic-esopt", "iterations": 5})
    assert isinstance(config.sigma, float)
    assert isinstance(config.alpha, float)
    strategy = BUILTIN["agentic-esopt"](config.settings(config.sigma, config.alpha), seed=0)
    sigmas = []
    for _ in range(5):
        sigmas.append(strategy.ask()[0].sigma)
        strategy.tell(np.arange(32.0)[:, None])
    cosine = [2.5e-4 + (1e-3 - 2.5e-4) * (1 + np.cos(np.pi * k / 4)) / 2 for k in range(5)]
    assert sigmas == pytest.approx(cosine)


def test_anchored_weight_decay_pulls_towards_the_base() -> None:
    config = make_config({"env": "sorting", "model": "sprout", "strategy": "anchored"})
    settings = config.settings(1e-3, 5e-4)
    assert settings.rule == StepRule(decay=10.0, decay_norm="l2")
    plain = make("es-at-scale", population=30, alpha=5e-4, shaping="zscore")
    pulled = BUILTIN["anchored"](settings, seed=4)
    base = np.linspace(-1, 1, D)
    left, right = (Centre({"w": torch.tensor(base)}) for _ in range(2))
    fitness = np.random.default_rng(0).random((30, 1))
    left.apply(plain.tell(fitness))
    right.apply(pulled.tell(fitness))
    assert np.allclose(position(right) - base, (1 - 5e-4 * 10) * (position(left) - base), atol=1e-7)


def test_random_search_becomes_its_best_member() -> None:
    strategy, centre = make("random-search", population=640), Centre({"w": torch.zeros(D)})
    drawn, fitness = turn(strategy, centre)
    assert np.allclose(position(centre), 0.1 * drawn[fitness.argmax()], atol=1e-6)


def test_of_equals_the_first_member_is_the_best() -> None:
    strategy, centre = make("random-search", population=4), Centre({"w": torch.zeros(D)})
    chosen = strategy.ask()[1]
    centre.apply(strategy.tell(np.array([[0.0], [1.0], [1.0], [0.5]])))
    assert np.allclose(position(centre), 0.1 * noise(chosen.seed), atol=1e-6)
    vote = make("randopt", population=102)
    members = vote.ask()
    vote.tell(np.array([[0.0]] * 7 + [[1.0]] * 95))
    assert vote.voters() == members[7:9]  # the best hundredth of 102, rounded up


def test_randopt_keeps_its_centre_and_the_best_hundredth_of_all_members() -> None:
    strategy, centre = make("randopt", population=300), Centre({"w": torch.zeros(D)})
    found = []
    for iteration in range(2):
        members = strategy.ask()
        assert [m.sigma for m in members[:4]] == pytest.approx([0.1 * s for s in (*SPREAD, SPREAD[0])])
        scores = np.random.default_rng(iteration).random(300) + 5 * iteration  # the second iteration's tasks are easier
        found += list(zip(scores - scores.mean(), members, strict=True))
        centre.apply(strategy.tell(scores[:, None]))
    assert not position(centre).any()
    best = sorted(found, key=lambda pair: -pair[0])[: int(SHARE * 600)]
    assert isinstance(strategy, RandOpt)
    assert strategy.voters() == [member for _, member in best]


def test_a_vote_is_scored_verified_submitted_and_reproduced(tmp_path: Path) -> None:
    options = ["--env", "sorting", "--strategy", "randopt", "--population", "250", "--tasks", "1", "--sigma", "0.04",
               "--test-episodes", "12", "--workers", "1"]  # fmt: skip
    done = call("run", *options, "--out", "run", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert len(result["voters"]) == 3
    assert result["weights_sha256"] == result["base_sha256"]
    assert "vote of 3" in call("export", "run", "model", cwd=tmp_path).stderr
    done = call("submit", "run", "--board", "board", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = call("reproduce", json.loads(done.stdout)["id"], "--board", "board", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout
    (tmp_path / "run" / "result.json").write_text(json.dumps({**result, "voters": result["voters"][:2]}))
    assert "voters" in call("submit", "run", "--board", "board", cwd=tmp_path).stderr
