"""What plans cost by a problem's metric, against unified-planning; how many steps an episode of one's own has."""

from __future__ import annotations

import random
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from esreason import Task, solve, verify
from esreason.envs.planning.pddl import DEFAULT_LIMIT, Pddl, task_from_files
from esreason.report.game import Game
from esreason.rollout.played import Played, extra_cost, extra_steps
from tests.envs.pddl_hard import slide
from tests.envs.test_pddl import FEATURES, LAMPS, MOVE, ONE
from tests.oracles import pddl as oracle

ROADS = """(define (domain roads) (:requirements :adl :numeric-fluents)
  (:types place) (:constants home - place) (:predicates (at ?p - place) (road ?p ?q - place) (loaded))
  (:functions (toll) (fuel) - number (far ?p ?q - place) (fee ?p - place) - number)
  (:action drive :parameters (?p ?q - place)
    :precondition (and (at ?p) (road ?p ?q))
    :effect (and (not (at ?p)) (at ?q) (increase (fuel) (/ (far ?p ?q) 3)) (increase (toll) (fee ?q))
      (when (loaded) (increase (toll) 2.5))))
  (:action load :parameters (?p - place) :precondition (at ?p)
    :effect (and (loaded) (forall (?q - place) (increase (fuel) (* 2 (fee ?q)))))))
"""
PLACES = "abcdef"


def roads(seed: int, metric: str = "minimize (+ (* 2 (toll)) (- (/ (fuel) 4) -7))") -> dict[str, str]:
    """A payload in which the cheapest way often is not the shortest."""
    rng = random.Random(seed)
    pairs = [(p, q) for p in PLACES for q in PLACES if p != q and (rng.random() < 0.4 or q == chr(ord(p) + 1))]
    start = [f"(road {p} {q})" for p, q in pairs]
    everywhere = [*PLACES, "home"]
    for p, q in product(everywhere, repeat=2):
        start.append(f"(= (far {p} {q}) {rng.randint(0, 9) + 6 * (ord(p[0]) - ord(q[0])) ** 2})")
    start += [f"(= (fee {p}) {rng.choice(['0', '1', '0.5', '12.25'])})" for p in everywhere]
    return {
        "domain": ROADS,
        "problem": f"""(define (problem way) (:domain roads) (:objects {' '.join(PLACES)} - place)
          (:init (at a) (= (toll) 3) (= (fuel) 0) {' '.join(start)})
          (:goal (and (at f) (loaded))) (:metric {metric}))""",
    }


def episode(task: Task, actions: list[str]) -> dict[str, Any]:
    env = Pddl()
    env.reset(options={"task": task})
    for action in actions:
        *_, info = env.step(action)
    return {"task": task.to_dict(), "actions": actions, "verdict": info["verdict"], "tokens": 1, "tokens_out": 1}


@pytest.mark.parametrize("seed", range(12))
def test_the_least_cost_is_that_of_unified_planning(seed: int) -> None:
    solution = solve(Pddl.task_from_payload(roads(seed)))
    assert solution.optimal and solution.cost == pytest.approx(float(oracle.cheapest(roads(seed))), abs=1e-9)


@pytest.mark.parametrize("texts", [{"domain": FEATURES, "problem": LAMPS}, slide(3, 2, moves=7), slide(3, 5, moves=7)])
def test_so_it_is_with_action_costs(texts: dict[str, str]) -> None:
    solution = solve(Pddl.task_from_payload(texts))
    assert solution.optimal and solution.cost == float(oracle.cheapest(texts))


def test_the_cheapest_plan_may_be_longer_than_the_shortest() -> None:
    longer = 0
    for seed in range(12):
        texts = roads(seed)
        steps = len(solve(Pddl.task_from_payload(texts)).actions)
        shortest = solve(Pddl.task_from_payload({**texts, "problem": texts["problem"].partition("(:metric")[0] + ")"}))
        assert shortest.cost is None and steps >= len(shortest.actions)
        longer += steps > len(shortest.actions)
        task = Pddl.task_from_payload({**texts, "limit": len(shortest.actions)})
        within = solve(task)  # what counts beside the cost is that it is played in time
        assert len(within.actions) == len(shortest.actions) and within.optimal == (steps == len(within.actions))
    assert longer


def test_a_plan_is_said_to_cost_what_it_costs_and_regret_follows_it() -> None:
    task = Pddl.task_from_payload({"domain": FEATURES, "problem": LAMPS})
    best = solve(task)
    verdict = verify("pddl", task, best.answer)
    assert verdict.passed and verdict.reason.endswith(f"at a cost of {best.cost:g}.")
    detour = ["(flip main)", "(flip main)", *best.actions]
    env = Pddl()
    env.reset(options={"task": task})
    assert [env.step(action)[-1]["cost"] for action in ("(flip main)", "(fly)", "(flip main)")] == [1.0, 1.0, 2.0]
    line = episode(task, ["(flip s2)", *detour])  # an illegal action costs a step, and nothing else
    assert extra_cost(line, "steps") == 2.0 and extra_steps(line, "steps") is None
    assert extra_cost(line, "answer") is None
    played = Played()
    for each in (line, episode(task, best.actions), episode(task, ["(fly)"] * 3)):
        played.add(each, "steps")
    assert played.regret() == {"cost": 1.0, "cost_n": 2}


def test_the_cost_so_far_is_that_of_the_actions_so_far() -> None:
    env, other, rng, saved = Pddl(), Pddl(), random.Random(5), dict[str, Any]()
    task = Pddl.task_from_payload({**roads(3, "minimize (+ (* 2 (toll)) (fuel))"), "limit": 60})
    for _ in range(2):  # the second episode begins at nothing
        _, info = env.reset(options={"task": task})
        legal: list[str] = []
        while "verdict" not in info:
            assert info["cost"] == Pddl.cost_of(task, legal)
            action = "(fly)" if env._steps == 7 else rng.choice(env.legal_actions() or [""])
            *_, info = env.step(action)
            legal += [action] * (action != "(fly)")
            if len(legal) == 3:
                saved = env.get_state()
        assert info["cost"] == Pddl.cost_of(task, legal) > 0
    for player in (env, other):
        player.reset(options={"task": task})
        player.set_state(saved)
        *_, info = player.step(rng.choice(player.legal_actions() or [""]))
        assert info["cost"] == Pddl.cost_of(task, player._actions) and len(player._actions) == 4


def test_what_a_step_takes_does_not_grow_with_the_steps_before(monkeypatch: pytest.MonkeyPatch) -> None:
    applied, apply = [0], Pddl._apply

    def counted(*arguments: Any) -> Any:
        applied[0] += 1
        return apply(*arguments)

    monkeypatch.setattr(Pddl, "_apply", staticmethod(counted))
    env = Pddl()
    env.reset(options={"task": Pddl.task_from_payload({"domain": FEATURES, "problem": LAMPS, "limit": 100})})
    for _ in range(50):
        env.step("(flip main)")
    assert applied[0] == 100  # once to play, once to count


def test_a_player_is_told_the_prices_and_the_least_cost() -> None:
    task = Pddl.task_from_payload({"domain": FEATURES, "problem": LAMPS})
    game = Game(Pddl(), task)
    assert "\nmetric minimize (total-cost)\n" in game._observation and "(= (price s2) 2.5)" in game._observation
    for action in solve(task).actions:
        game.enter(action)
    assert "the least cost is 3.5. The goal is reached in 5 moves at a cost of 3.5." in game._message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minimize (", "maximize ("),
        ("minimize (+ (* 2 (toll))", "minimize (+ (* (fuel) (toll))"),
        ("minimize (+ (* 2 (toll))", "minimize (+ (* -2 (toll))"),
        ("(increase (toll) (fee ?q))", "(decrease (toll) (fee ?q))"),
        ("(increase (toll) (fee ?q))", "(increase (toll) (fuel))"),
        ("(= (fee b) ", "(= (fee b) -"),
        ("minimize (+ (* 2 (toll)) (- (/ (fuel) 4) -7))", "minimize (total-time)"),
        ("minimize (+ (* 2 (toll)) (- (/ (fuel) 4) -7))", "minimize (* 0 (fuel))"),
    ],
)
def test_where_a_metric_adds_up_no_costs_the_steps_count(old: str, new: str) -> None:
    texts = {name: text.replace(old, new) for name, text in roads(3).items()}
    assert texts != roads(3)
    solution = solve(Pddl.task_from_payload(texts))
    assert solution.cost is None and solution.optimal and len(solution.actions) == oracle.shortest(texts)


def test_a_price_that_is_not_given_is_no_price() -> None:
    texts = roads(3)
    texts["problem"] = re.sub(r"\(= \(fee b\) [0-9.]+\)", "", texts["problem"])
    assert texts != roads(3) and solve(Pddl.task_from_payload(texts)).cost is None
    texts = {name: text.replace("(/ (far ?p ?q) 3)", "(/ (far ?p ?q) 0)") for name, text in roads(3).items()}
    assert texts != roads(3) and solve(Pddl.task_from_payload(texts)).cost is None


def test_an_episode_of_a_file_has_twice_the_steps_of_the_plan_and_eight(tmp_path: Path) -> None:
    files = [tmp_path / "domain.pddl", tmp_path / "problem.pddl"]

    def limits(texts: dict[str, str], limit: int | None = None) -> int:
        for path, kind in zip(files, ("domain", "problem"), strict=True):
            path.write_text(texts[kind], encoding="utf-8")
        return Pddl.limit_of(task_from_files(*files, limit))

    texts = roads(1)
    assert limits(texts) == 2 * len(solve(Pddl.task_from_payload(texts)).actions) + 8
    assert limits({"domain": MOVE, "problem": ONE}) == 10 and limits({"domain": MOVE, "problem": ONE}, 3) == 3
    assert limits(slide(4, 0)) == DEFAULT_LIMIT
