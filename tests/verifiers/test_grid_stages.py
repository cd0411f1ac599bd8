"""Every stage of the grid language does what numpy and networkx say."""

from __future__ import annotations

import random

import numpy as np
import pytest

from esreason.envs.programs.arc_tasks import random_grid
from esreason.verifiers.programs.grid_stages import GRID_STAGES
from tests.oracles.arc import run


@pytest.mark.parametrize("name", GRID_STAGES)
def test_a_stage_agrees_with_numpy(name: str) -> None:
    rng = random.Random(name)
    colors = [1, 2, *(int(word) for word in name.split()[1:] if word != "0")]
    for _ in range(8):
        grid = random_grid(rng, 2, 8, colors)
        wanted = run(name, np.array(grid))
        try:
            made = GRID_STAGES[name](grid)
        except ValueError:
            made = ()
        if wanted is None:
            assert not made or not made[0] or max(len(made), len(made[0])) > 30
        else:
            assert np.array_equal(np.array(made), wanted), grid
