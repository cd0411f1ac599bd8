"""unified-planning's engines on tasks that our own search gives up, with the real Fast Downward."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from esreason import solve, verify
from esreason.cli import run
from esreason.core.errors import Unsolved
from esreason.envs.planning import pddl, pddl_engines
from esreason.envs.planning.pddl import Pddl
from esreason.envs.planning.pddl_problems import PROBLEMS
from tests.envs.pddl_hard import slide
from tests.envs.pddl_samples import SAMPLES
from tests.envs.test_pddl import FEATURES, LAMPS, payload
from tests.oracles import pddl as oracle

pytestmark = pytest.mark.peers("unified-planning", "up-fast-downward")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that run tests are slow."""
    monkeypatch.setattr(pddl_engines, "SECONDS", 100)
    monkeypatch.setattr(pddl_engines, "AROUND", 100)


@pytest.fixture
def without_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own search gives everything up."""

    def gives_up(*_: object) -> None:
        raise pddl.GaveUp

    monkeypatch.setattr(pddl, "plan", gives_up)
    pddl._plan.cache_clear()


@pytest.mark.usefixtures("patient")
def test_a_task_beyond_our_search_is_solved_within_its_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    for seed in range(2):
        task = Pddl.task_from_payload(slide(4, seed))
        solution = solve(task)
        assert 0 < len(solution.actions) <= 200 and not solution.optimal
        assert verify("pddl", task, solution.answer).passed
        env = Pddl()
        env.reset(options={"task": task})
        assert [env.step(action)[1:3] for action in solution.actions][-1] == (1.0, True)
    assert list(tmp_path.iterdir()) == []  # planners write files where they are


@pytest.mark.usefixtures("patient", "without_ours")
@pytest.mark.parametrize("name", [*PROBLEMS, "features"])
def test_every_bundled_domain_can_be_handed_over(name: str) -> None:
    texts = {"domain": FEATURES, "problem": LAMPS} if name == "features" else payload(name, 3)
    task = Pddl.task_from_payload(texts)
    assert verify("pddl", task, solve(task).answer).passed


@pytest.mark.usefixtures("patient", "without_ours")
@pytest.mark.parametrize("name", ["ferry", "gripper", "spanner"])
def test_a_plan_that_it_guarantees_is_a_shortest_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pddl_engines, "PROVING", 100)
    texts = payload(name, 1, seed=4)
    solution = solve(Pddl.task_from_payload(texts))
    assert solution.optimal and len(solution.actions) == oracle.shortest(texts)


@pytest.mark.usefixtures("patient", "without_ours")
def test_a_plan_that_costs_something_is_not_said_to_be_the_cheapest() -> None:
    solution = solve(Pddl.task_from_payload(slide(3, 1, moves=14)))
    assert solution.cost is not None and not solution.optimal


@pytest.mark.usefixtures("patient", "without_ours")
def test_a_task_without_a_solution_is_said_to_be_so() -> None:
    texts = slide(3, 0)
    texts["problem"] = texts["problem"].replace("(on t1 c01)\n", "").replace("(next c00 c01)", "")
    impossible = texts["problem"].replace("(:goal (and", "(:goal (and (on t1 c00) (on t2 c00)")
    with pytest.raises(Unsolved, match="Fast Downward says that there is none"):
        solve(Pddl.task_from_payload({**texts, "problem": impossible}))


@pytest.mark.usefixtures("patient", "without_ours")
def test_numbers_are_beyond_this_planner() -> None:
    with pytest.raises(Unsolved, match="no planner for such a task is installed"):
        solve(Pddl.task_from_payload(dict(zip(("domain", "problem"), SAMPLES["jars"], strict=True))))


@pytest.mark.usefixtures("patient")
def test_files_of_a_hard_task_are_scored_and_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "domain.pddl", tmp_path / "problem.pddl"]
    for path, text in zip(files, slide(4, 0).values(), strict=True):
        path.write_text(text, encoding="utf-8")
    task = ["--task", *map(str, files)]
    assert run(["eval", "--env", "pddl", *task, "--policy", "solver", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 1.0
    monkeypatch.setattr("sys.stdin", io.StringIO("hint\nquit\n"))
    assert run(["play", "--env", "pddl", *task]) == 0
    assert "The solver would play (move t" in " ".join(capsys.readouterr().out.split())
