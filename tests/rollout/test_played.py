"""What transcript lines add up to, against the tower of Hanoi's known optimum."""

from __future__ import annotations

from typing import Any

import pytest

import esreason
from esreason.core.registry import env_class
from esreason.rollout.played import Played, extra_steps, regret

SHORTEST = ["A->C", "A->B", "C->B", "A->C", "B->A", "B->C", "A->C"]  # three disks: 2**3 - 1 moves


def line(actions: list[str], env: str = "hanoi", **payload: Any) -> dict[str, Any]:
    task = esreason.task_from_payload(env, payload or {"disks": 3, "start": "A", "goal": "C"})
    game = env_class(env)()
    game.reset(options={"task": task})
    for action in actions:
        *_, info = game.step(action)
    return {"task": task.to_dict(), "actions": actions, "verdict": info["verdict"], "tokens": 10, "tokens_out": 3}


@pytest.mark.parametrize(
    ("actions", "extra"),
    [(SHORTEST, 0), (["A->B", "B->C", "A->B", *SHORTEST[2:]], 1), (["B->C", *SHORTEST], 1),
     (["A->B", "B->A", *SHORTEST], 2)],
)  # fmt: skip
def test_extra_steps_count_detours_and_illegal_actions(actions: list[str], extra: int) -> None:
    assert extra_steps(line(actions), "steps") == extra
    assert extra_steps(line(actions), "answer") is None


def test_lost_episodes_and_unproved_plans_have_no_extra_steps() -> None:
    lost = line(["B->A", "B->A", "B->A"])
    assert lost["verdict"]["score"] == 0.0
    assert extra_steps(lost, "steps") is None
    played = Played()
    for each in (lost, line(SHORTEST), line(["A->B", "B->A", *SHORTEST])):
        played.add(each, "steps")
    assert played.regret() == {"steps": 1.0, "n": 2}
    assert (played.episodes, played.tokens, played.tokens_out, played.scores) == (3, 30, 9, [0.0, 1.0, 1.0])
    assert regret([None, None]) is None
