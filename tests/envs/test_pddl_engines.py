"""Planners of others, where our own search gives up: what they are given, and that nothing they say is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from esreason import solve, verify
from esreason.core.errors import Unsolved
from esreason.core.task import Task
from esreason.envs.planning import pddl, pddl_engines
from esreason.envs.planning.pddl import Pddl
from esreason.envs.planning.pddl_engines import without_costs
from esreason.verifiers.pddl_grounding import plannable
from tests.envs.pddl_hard import slide
from tests.envs.pddl_samples import SAMPLES
from tests.envs.test_pddl import FEATURES, LAMPS
from tests.oracles import pddl as oracle

Worker = Callable[[str], Path]


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Put a script in the place of the one that asks unified-planning; it has the `request`."""

    def put(code: str) -> Path:
        script = tmp_path / "worker.py"
        script.write_text(f"import json, os, sys, time\nrequest = json.load(sys.stdin)\n{code}\n", encoding="utf-8")
        monkeypatch.setattr(pddl_engines, "_WORKER", script)
        pddl._plan.cache_clear()
        return script

    return put


@pytest.fixture(scope="module")
def hard() -> Task:
    """A task that our own search gives up."""
    return Pddl.task_from_payload(slide(4, 0))


def reply(plan: list[str], shortest: bool = False) -> str:
    return f"print(json.dumps({{'plan': {plan!r}, 'engine': 'Mock', 'shortest': {shortest}}}), flush=True)"


def test_a_plan_is_believed_when_it_holds_here(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Pddl.task_from_payload(slide(3, 1, moves=25))
    plan = solve(task).actions
    monkeypatch.setattr("esreason.envs.planning.pddl.plan", gives_up)
    worker(reply(plan))
    solution = solve(task)
    assert solution.actions == plan and not solution.optimal and verify("pddl", task, solution.answer).passed
    for wrong in (plan[:-1], plan[1:], [*plan, "(move)"], ["(move t1 c00 c00)"], [*plan, plan[-1]], []):
        worker(reply(wrong))
        with pytest.raises(Unsolved, match=r"within the bounds of the search, and that of Mock does not hold$"):
            solve(task)


@pytest.mark.parametrize("costs", [False, True])
def test_a_guarantee_counts_where_steps_do(worker: Worker, monkeypatch: pytest.MonkeyPatch, costs: bool) -> None:
    texts = slide(3, 1, moves=25)
    metric = "(:metric minimize (total-cost))"
    assert metric in texts["problem"]
    task = Pddl.task_from_payload({**texts, "problem": texts["problem"].replace(metric, metric if costs else "")})
    plan = solve(task).actions
    monkeypatch.setattr("esreason.envs.planning.pddl.plan", gives_up)
    worker(f"{reply(plan)}\nif request['proving']: {reply(plan, shortest=True)}")
    assert solve(task).actions == plan and solve(task).optimal != costs


def test_the_plan_before_a_proof_that_takes_too_long_is_kept(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Pddl.task_from_payload(slide(3, 1, moves=25))
    plan = solve(task).actions
    monkeypatch.setattr("esreason.envs.planning.pddl.plan", gives_up)
    for name in ("SECONDS", "PROVING", "AROUND"):
        monkeypatch.setattr(pddl_engines, name, 1)
    for end in ("time.sleep(600)", "os.abort()", "print('{', end='', flush=True)\nos.abort()"):
        worker(f"{reply(plan)}\n{end}")
        assert solve(task).actions == plan and not solve(task).optimal


def gives_up(*_: object) -> None:
    raise pddl.GaveUp


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("print('no reply')", "and unified-planning cannot work on this task"),
        ("os.abort()", "and unified-planning cannot work on this task"),
        ("print(json.dumps({'failed': 'search', 'engine': 'Mock'}))", "nor by Mock within 20 seconds"),
        ("print(json.dumps({'failed': 'unsolvable', 'engine': 'Mock'}))", "and Mock says that there is none"),
        ("print(json.dumps({'failed': 'engine', 'engine': ''}))", "pip install 'esreason[planning]'"),
        (reply(["(move t1 c00 c01)"] * 300), "and that of Mock does not hold"),
    ],
)
def test_what_else_comes_back_is_one_sentence(worker: Worker, hard: Task, code: str, told: str) -> None:
    worker(code)
    with pytest.raises(Unsolved) as caught:
        solve(hard)
    sentence = str(caught.value)
    assert sentence.startswith("no plan was found within the bounds of the search") and told in sentence
    assert "\n" not in sentence


def test_a_planner_that_keeps_no_time_is_ended_and_not_asked_again(
    worker: Worker, hard: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pddl_engines, "SECONDS", 1)
    monkeypatch.setattr(pddl_engines, "PROVING", 0)
    monkeypatch.setattr(pddl_engines, "AROUND", 1)
    worker(f"open({str(tmp_path / 'asked')!r}, 'a').write('x')\ntime.sleep(600)")
    for _ in range(3):
        with pytest.raises(Unsolved, match="nor by unified-planning within 2 seconds"):
            solve(hard)
    assert (tmp_path / "asked").read_text() == "x"


def test_a_plan_longer_than_the_episode_is_none(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    payload = slide(3, 1, moves=25)
    plan = solve(Pddl.task_from_payload(payload)).actions
    assert len(plan) > 2
    with pytest.raises(Unsolved, match=rf"has {len(plan)} actions, more than the 2 steps of an episode: --limit"):
        solve(Pddl.task_from_payload({**payload, "limit": 2}))


def test_without_unified_planning_the_sentence_names_the_extra(hard: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    pddl._plan.cache_clear()
    monkeypatch.setattr(pddl_engines, "find_spec", lambda name: None)
    with pytest.raises(Unsolved, match=r"search longer come with pip install 'esreason\[planning\]'"):
        solve(hard)
    pddl._plan.cache_clear()


@pytest.mark.skipif(find_spec("up_fast_downward") is not None, reason="a planner is installed here")
def test_unified_planning_without_a_planner_is_said_to_be_so(hard: Task) -> None:
    pddl._plan.cache_clear()
    with pytest.raises(Unsolved, match=r"no planner for such a task is installed: pip install 'esreason\[planning\]'"):
        solve(hard)


@pytest.mark.parametrize("name", [*SAMPLES, "features", "slide"])
def test_a_task_without_its_costs_is_the_same_task(name: str) -> None:
    texts = {**SAMPLES, "features": (FEATURES, LAMPS), "slide": tuple(slide(3, 1).values())}[name]
    bare = without_costs(*texts)
    assert ":metric" not in bare[1] and "total-cost" not in "".join(bare) and ";" not in "".join(bare)
    mine, same = plannable(*texts), plannable(*bare)
    assert (mine.facts, mine.numbers, mine.start, mine.goal) == (same.facts, same.numbers, same.start, same.goal)
    assert {name: replace(op, cost=0, costs=()) for name, op in mine.operators.items()} == same.operators
    assert oracle.Played(*bare).legal() == oracle.Played(*texts).legal()
