"""The reading and grounding of PDDL against unified-planning; hostile texts; the bundled problems; users' files."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from esreason import solve, verify
from esreason.core.env import ReasoningEnv
from esreason.core.errors import UsageError
from esreason.envs.planning.pddl import Pddl, task_from_files
from esreason.envs.planning.pddl_domains import DOMAINS
from esreason.envs.planning.pddl_problems import PROBLEMS, written
from esreason.envs.planning.pddl_solver import plan
from esreason.envs.search import NoPlan
from esreason.verifiers.pddl_grounding import plannable
from esreason.verifiers.plans import attempted, facts_of, holds, successor
from tests.bounds import LONG
from tests.oracles import pddl as oracle

FEATURES = """
(define (domain features) ; a bit of everything
  (:requirements :adl :action-costs)
  (:types lamp switch - thing red-lamp - lamp thing)
  (:constants main - switch)
  (:predicates (on ?l - lamp) (up ?s - switch) (wired ?s - switch ?l - lamp) (broken ?t - thing) (tested))
  (:functions (total-cost) - number (price ?s - switch) - number)
  (:action flip :parameters (?s - switch)
    :precondition (and (not (broken ?s)) (or (up main) (= ?s main)))
    :effect (and (when (up ?s) (not (up ?s))) (when (not (up ?s)) (up ?s)) (increase (total-cost) (price ?s))
      (forall (?l - lamp) (and
        (when (and (wired ?s ?l) (not (broken ?l)) (on ?l)) (not (on ?l)))
        (when (and (wired ?s ?l) (not (broken ?l)) (not (on ?l))) (on ?l))))))
  (:action repair :parameters (?t - thing)
    :precondition (and (broken ?t) (forall (?l - lamp) (imply (on ?l) (up main))) (not (forall (?s - switch) (up ?s))))
    :effect (not (broken ?t)))
  (:action test :parameters ()
    :precondition (exists (?a ?b - lamp) (and (on ?a) (on ?b) (not (= ?a ?b))))
    :effect (tested)))
"""
LAMPS = """
(define (problem lamps) (:domain features)
  (:objects s1 s2 - switch a b - lamp r - red-lamp)
  (:init (wired main r) (wired s1 a) (wired s1 b) (wired s2 b) (broken r) (broken s2) (= (total-cost) 0)
    (= (price main) 1) (= (price s1) 2) (= (price s2) 2.5))
  (:goal (and (tested) (on r) (or (not (up main)) (up s2)) (forall (?s - switch) (not (broken ?s)))))
  (:metric minimize (total-cost)))
"""
MOVE = "(define (domain d) (:predicates (p ?x)) (:action a :parameters (?x) :precondition (not (p ?x)) :effect (p ?x)))"
ONE = "(define (problem q) (:domain d) (:objects o) (:init) (:goal (p o)))"


def payload(name: str, level: int, seed: int = 0) -> dict[str, str]:
    return {"domain": DOMAINS[name], "problem": written(name, PROBLEMS[name](random.Random(seed), level))}


def in_lockstep(texts: dict[str, str], steps: int, rng: random.Random) -> None:
    task = plannable(texts["domain"], texts["problem"])
    state, played = task.start, []
    always = {f"{f[1:-1].split()[0]}" for f in task.facts}
    for _ in range(steps):
        mine = [name for name, operator in task.operators.items() if attempted(operator, state)]
        possible, held, won = oracle.legal(texts, played)
        assert set(mine) == possible
        changing = {fact for fact in held if fact.split("(")[0] in always}
        assert {_as_oracle(fact) for fact in facts_of(task, state)} == changing
        assert won == holds(task.goal, state[0])
        if not mine:
            return
        played.append(rng.choice(mine))
        state = successor(task.operators[played[-1]], state)


def _as_oracle(fact: str) -> str:
    name, *objects = fact[1:-1].split()
    return f"{name}({', '.join(objects)})" if objects else name


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_bundled_domain_behaves_as_unified_planning_says(name: str) -> None:
    in_lockstep(payload(name, 2), 12, random.Random(name))


def test_negation_quantifiers_alternatives_and_conditional_effects_behave_as_unified_planning_says() -> None:
    for seed in range(3):
        in_lockstep({"domain": FEATURES, "problem": LAMPS}, 12, random.Random(seed))


def test_the_richer_language_is_solved_and_judged() -> None:
    texts = {"domain": FEATURES, "problem": LAMPS}
    task = Pddl.task_from_payload(texts)
    solution = solve(task)
    assert solution.optimal and len(solution.actions) == oracle.shortest(texts)
    assert verify("pddl", task, solution.answer).passed and oracle.judge(texts, solution.answer)
    assert not verify("pddl", task, " ".join(solution.actions[:-1])).passed


@pytest.mark.parametrize("name", PROBLEMS)
def test_bundled_problems_are_solved_within_their_limit_at_every_level(name: str) -> None:
    for level in (1, 5, 10):
        problem = PROBLEMS[name](random.Random(level), level)
        begun = time.process_time()
        actions, _ = plan(plannable(DOMAINS[name], written(name, problem)))
        assert time.process_time() - begun < LONG
        assert len(actions) <= problem.limit


@pytest.mark.parametrize("name", ["ferry", "gripper", "blocksworld", "spanner"])
def test_plans_said_to_be_shortest_are(name: str) -> None:
    texts = payload(name, 1, seed=4)
    actions, optimal = plan(plannable(texts["domain"], texts["problem"]))
    assert optimal and len(actions) == oracle.shortest(texts)


@pytest.mark.parametrize(
    ("domain", "problem"),
    [
        ("", ONE),
        ("(", ONE),
        (")", ONE),
        ("()", ONE),
        ("(" * 50_000, ONE),
        ("(define (domain d))" + " " * 70_000, ONE),
        (MOVE.replace("(p ?x)))", "(p ?y)))"), ONE),
        (MOVE.replace(":effect (p ?x)", ":effect (q ?x)"), ONE),
        (MOVE.replace("(domain d)", "(domain e)"), ONE),
        (MOVE.replace(":effect (p ?x)", ":effect (when (p ?x) (when (p ?x) (p ?x)))"), ONE),
        (MOVE.replace(":predicates", ":derived"), ONE),
        (MOVE.replace(":action", ":durative-action"), ONE),
        (MOVE.replace("(not (p ?x))", "(> (p ?x) 1)"), ONE),
        (MOVE.replace("(:predicates", "(:types a - b b - a) (:predicates"), ONE),
        (MOVE, ONE.replace("(p o)", "(p z)")),
        (MOVE, ONE.replace("(p o)", "(p o o)")),
        (MOVE, ONE.replace("(:init)", "(:init (p o))")),
        (MOVE, ONE.replace("(:objects o)", "(:objects o o)")),
        (MOVE, ONE.replace("(:objects o)", f"(:objects o {' '.join(f'o{i}' for i in range(500))})")),
        (MOVE, ONE.replace("o", "\u0663")),
        (
            MOVE.replace("(?x)", f"(?x {' '.join(f'?v{i}' for i in range(9))})", 2),
            ONE.replace("o)", "o a b c e f g h)"),
        ),
        (MOVE, ONE.replace("(:goal (p o))", "(:goal " + "(and " * 39 + "(p o)" + ")" * 40)),
    ],
)
def test_a_malformed_or_too_large_text_is_refused_in_one_sentence(domain: str, problem: str) -> None:
    begun = time.process_time()
    with pytest.raises(ValueError) as caught:
        Pddl.task_from_payload({"domain": domain, "problem": problem})
    assert time.process_time() - begun < LONG
    assert 0 < len(str(caught.value)) < 200 and "\n" not in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1, True, "9", 10**9, None])
def test_a_limit_is_a_number_of_steps(limit: object) -> None:
    with pytest.raises(ValueError):
        Pddl.task_from_payload({"domain": MOVE, "problem": ONE, "limit": limit})


def test_spoiled_texts_raise_nothing_but_value_errors() -> None:
    rng = random.Random(0)
    for _ in range(300):
        texts = {"domain": FEATURES, "problem": LAMPS}
        for _ in range(rng.randrange(1, 4)):
            side = rng.choice(["domain", "problem"])
            words = texts[side].split(" ")
            i, j = rng.randrange(len(words)), rng.randrange(len(words))
            words[i] = rng.choice(["", "(", ")", "not", "?x", "-", words[j], words[i][::-1], "(and)", "forall"])
            texts[side] = " ".join(words)
        try:
            task = Pddl.task_from_payload(texts)
            solution = solve(task)
        except ValueError as error:
            assert "\n" not in str(error)
        else:
            assert verify("pddl", task, solution.answer).passed


def test_plans_are_read_with_and_without_parentheses_and_with_comments() -> None:
    task = Pddl.task_from_payload({"domain": MOVE, "problem": ONE})
    for text in ("(a o)", "a o", "(A O)", "  ( a   o ) ", "(a o)\n; cost = 1 (unit cost)", "; a plan\n(a o)"):
        assert verify("pddl", task, text).passed, text
    for text in ("", "(a)", "(a o o)", "(b o)", "(a o)(a o)", "((a o))", "; (a o)", "0: (a o)"):
        assert not verify("pddl", task, text).passed, text


def test_an_action_that_is_none_is_told_what_is_wrong_with_it() -> None:
    env: ReasoningEnv[object, object] = Pddl()
    task = Pddl.task_from_payload({"domain": FEATURES, "problem": LAMPS})
    for action, told in {
        "": "'' is none of the actions flip, repair, test.",
        "(turn main)": "'(turn main)' is none of the actions flip, repair, test.",
        "(flip)": "flip takes 1 object, not 0.",
        "test a b": "test takes 0 objects, not 2.",
        "(flip nothing)": "'(flip nothing)' is possible in no state: an object is unknown, or of another type,",
        "(flip a)": "'(flip a)' is possible in no state",
        "(repair s2)": "",
    }.items():
        env.reset(options={"task": task})
        note = env.step(action)[0].split("\n")[-1]
        assert told in note and note.startswith("! ") == bool(told), note


def test_an_unsolvable_problem_is_said_to_be_so() -> None:
    task = Pddl.task_from_payload({"domain": MOVE.replace(":effect (p ?x)", ":effect (not (p ?x))"), "problem": ONE})
    with pytest.raises(NoPlan, match="no solution"):
        solve(task)


def test_files_make_a_task(tmp_path: Path) -> None:
    domain, problem = tmp_path / "domain.pddl", tmp_path / "problem.pddl"
    domain.write_text(FEATURES, encoding="utf-8")
    problem.write_text(LAMPS, encoding="utf-8")
    task = task_from_files(domain, problem)
    env: ReasoningEnv[object, object] = Pddl()
    env.reset(options={"task": task})
    for action in solve(task).actions:
        _, reward, terminated, _, _ = env.step(action)
    assert (reward, terminated) == (1.0, True)
    with pytest.raises(UsageError, match=r"cannot read .*none\.pddl: No such file"):
        task_from_files(domain, tmp_path / "none.pddl")
    problem.write_bytes(b"\xff\xfe(")
    with pytest.raises(UsageError, match="no UTF-8 text"):
        task_from_files(domain, problem)
    problem.write_text("(define", encoding="utf-8")
    with pytest.raises(UsageError, match="not closed"):
        task_from_files(domain, problem)
