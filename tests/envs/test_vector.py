"""Vector environments of Gymnasium, in one process and in several, with its own defaults."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

from tests.envs._everything import IDS, NAMES, started

NUMBER = 2
SEED = 21


def answers(name: str) -> tuple[str, ...]:
    envs = [started(name, SEED + index) for index in range(NUMBER)]
    return tuple(env.solve(env.task).actions[0] for env in envs)


def check_vector(name: str, **kwargs: Any) -> None:
    """Two sub-environments tell what two bare ones tell."""
    bare = [started(name, SEED + index) for index in range(NUMBER)]
    vector: Any = gymnasium.make_vec(IDS[name], NUMBER, **kwargs)
    try:
        observations, infos = vector.reset(seed=SEED)
        assert tuple(observations) == tuple(env.reset(seed=SEED + index)[0] for index, env in enumerate(bare))
        assert observations in vector.observation_space
        assert infos["rules"][1] == bare[1].instructions("steps")
        for actions in (("?",) * NUMBER, answers(name)):
            observations, rewards, terminated, truncated, infos = vector.step(actions)
            expected = [env.step(action) for env, action in zip(bare, actions, strict=True)]
            assert tuple(observations) == tuple(result[0] for result in expected)
            assert np.array_equal(rewards, [result[1] for result in expected])
            assert np.array_equal(terminated, [result[2] for result in expected])
            assert np.array_equal(truncated, [result[3] for result in expected])
    finally:
        vector.close()


@pytest.mark.parametrize("name", NAMES)
def test_sync(name: str) -> None:
    check_vector(name, vectorization_mode="sync")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("name", NAMES)
def test_async(name: str) -> None:
    check_vector(name, vectorization_mode="async")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("name", NAMES[::10])
def test_async_without_shared_memory(name: str) -> None:
    check_vector(name, vectorization_mode="async", vector_kwargs={"shared_memory": False})


@pytest.mark.parametrize("name", NAMES)
def test_episodes_begin_again_by_themselves(name: str) -> None:
    """Both autoreset modes: the last observation of an episode is there, and the next episode is a new one."""
    for mode in (gymnasium.vector.AutoresetMode.NEXT_STEP, gymnasium.vector.AutoresetMode.SAME_STEP):
        vector: Any = gymnasium.make_vec(
            IDS[name], NUMBER, vectorization_mode="sync", mode="answer", vector_kwargs={"autoreset_mode": mode}
        )
        first, _ = vector.reset(seed=SEED)
        seen, rewards, terminated, _, infos = vector.step(("?",) * NUMBER)
        assert terminated.all() and not rewards.any()
        if mode is gymnasium.vector.AutoresetMode.SAME_STEP:
            assert tuple(infos["final_obs"]) == tuple(first)
        else:
            assert tuple(seen) == tuple(first)
            seen, rewards, terminated, _, infos = vector.step(("?",) * NUMBER)
            assert not terminated.any() and not rewards.any()
        assert seen in vector.observation_space
        vector.close()
