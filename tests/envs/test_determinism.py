"""The same seed gives the same bytes: in a fresh process, under any hash seed, interleaved, in threads, again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from esreason.core.registry import env_class
from esreason.core.seeding import digest
from tests.envs._everything import NAMES, AnyEnv, play, random_action, started, three_levels

ROOT = Path(__file__).parents[2]
SEEDS = (0, 11)


@cache
def fingerprint(name: str) -> str:
    """A digest of tasks, observations, rewards, infos and solver actions at two levels."""
    parts: list[Any] = []
    for level in three_levels(name)[:2]:
        for seed in SEEDS:
            env = started(name, seed, level)
            actions = env.solve(env.task).actions
            observation, info = env.reset(seed=seed)
            parts += [observation, sorted(info.items(), key=str), actions, list(env.legal_actions() or [])]
            parts += play(env, ["?", *actions[:3]])
        parts.append(env_class(name).make_task(seed, level, "test"))
    return digest(*parts).hex()


@cache
def fresh_fingerprints(hash_seed: str) -> dict[str, str]:
    """The fingerprints of all environments, made by another process with this PYTHONHASHSEED."""
    code = "from tests.envs import test_determinism as t\nfor n in t.NAMES: print(n, t.fingerprint(n))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split() for line in done.stdout.splitlines())


@pytest.mark.xdist_group("fingerprints")
@pytest.mark.parametrize("hash_seed", ["0", pytest.param("1", marks=pytest.mark.slow), "random"])
def test_a_fresh_process_makes_the_same_bytes(hash_seed: str) -> None:
    fresh = fresh_fingerprints(hash_seed)
    assert {name: fresh[name] for name in NAMES} == {name: fingerprint(name) for name in NAMES}


def transcript(env: AnyEnv, seed: int) -> list[Any]:
    """A game of random actions drawn from a stream of its own."""
    rng, results = random.Random(seed), [env.reset(seed=seed)]
    while not env._over and len(results) < 12:
        results.append(env.step(random_action(env, rng)))  # type: ignore[arg-type]
    return results


@pytest.mark.parametrize("name", NAMES)
def test_interleaved_environments_do_not_disturb_each_other(name: str) -> None:
    other = NAMES[(NAMES.index(name) + 1) % len(NAMES)]
    alone = transcript(started(name), 5), transcript(started(other), 6)
    random.seed(1)
    first, second = started(name), started(other)
    rngs = random.Random(5), random.Random(6)
    together: tuple[list[Any], list[Any]] = [first.reset(seed=5)], [second.reset(seed=6)]
    for _ in range(11):
        for env, rng, results in zip((first, second), rngs, together, strict=True):
            if not env._over:
                results.append(env.step(random_action(env, rng)))
        random.random()
        started(name, 99)
    assert together == alone


@pytest.mark.parametrize("name", NAMES)
def test_threads_do_not_disturb_each_other(name: str) -> None:
    seeds = range(6)
    alone = [transcript(started(name), seed) for seed in seeds]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda seed: transcript(started(name), seed), seeds)) == alone


@pytest.mark.parametrize("name", NAMES)
def test_an_environment_is_as_new_after_a_reset(name: str) -> None:
    env = started(name, 1)
    play(env, ["?", "?", "?"])
    transcript(env, 2)
    assert transcript(env, 3) == transcript(started(name), 3)


@pytest.mark.parametrize("name", NAMES)
def test_global_generators_are_left_alone(name: str) -> None:
    random.seed(7)
    before = random.getstate()
    env = started(name, 4, three_levels(name)[1])
    play(env, env.solve(env.task).actions)
    env.verify(env.task, "1 2 3")
    assert random.getstate() == before


@pytest.mark.parametrize("name", NAMES)
def test_unseeded_resets_go_on_from_the_seed(name: str) -> None:
    first, second = started(name, 8), started(name, 8)
    assert [first.reset() for _ in range(3)] == [second.reset() for _ in range(3)]
