"""Quantifiers, conditional effects and numbers in PDDL against unified-planning; bounds; what is refused."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import islice

import pytest

from esreason import solve, verify
from esreason.core.env import ReasoningEnv
from esreason.envs.planning.pddl import Pddl
from esreason.verifiers.pddl_grounding import plannable
from esreason.verifiers.plans import attempted, facts_of, holds
from tests.envs.pddl_samples import SAMPLES
from tests.oracles import pddl as oracle


def told(facts: list[str]) -> dict[str, bool | Fraction]:
    """Facts and numbers of an observation, by name."""
    found: dict[str, bool | Fraction] = {}
    for fact in facts:
        name, _, number = fact.removeprefix("(= ").rpartition(" ")
        if fact.startswith("(= "):
            found[name] = Fraction(number.removesuffix(")"))
        else:
            found[fact] = True
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_every_step_is_what_unified_planning_says(name: str) -> None:
    rng, task, steps = random.Random(name), plannable(*SAMPLES[name]), 0
    while steps < 60:
        played, state = oracle.Played(*SAMPLES[name]), task.start
        for _ in range(20):
            legal = [action for action, operator in task.operators.items() if attempted(operator, state)]
            assert set(legal) == played.legal()
            mine, theirs = told(facts_of(task, state)), played.values()
            assert {fact: theirs[fact] for fact in mine} == mine
            known = {*task.facts, *task.numbers}
            assert all(fact in mine for fact, value in theirs.items() if value is not False and fact in known)
            assert holds(task.goal, state[0]) == played.won()
            if not legal:
                break
            action = rng.choice(legal)
            played.play(action)
            after = attempted(task.operators[action], state)
            assert after is not None
            state, steps = after, steps + 1


@pytest.mark.parametrize("name", ["market", "guards", "keys"])
def test_plans_said_to_be_shortest_are_and_both_judges_pass_them(name: str) -> None:
    texts = dict(zip(("domain", "problem"), SAMPLES[name], strict=True))
    task = Pddl.task_from_payload(texts)
    solution = solve(task)
    assert solution.optimal and len(solution.actions) == oracle.shortest(texts)
    for cut in range(len(solution.actions) + 1):
        answer = " ".join(solution.actions[:cut])
        assert verify("pddl", task, answer).passed == oracle.judge(texts, answer) == (cut == len(solution.actions))


@pytest.mark.parametrize("name", ["market", "jars", "guards", "keys", "garden"])
def test_both_judges_agree_on_spoiled_plans(name: str) -> None:
    texts = dict(zip(("domain", "problem"), SAMPLES[name], strict=True))
    task, rng = Pddl.task_from_payload(texts), random.Random(name)
    plan = solve(task).answer
    for answer in islice(oracle.mutations(texts, plan, rng), 40):
        assert verify("pddl", task, answer).passed == oracle.judge(texts, answer), answer


def tiny(effect: str, condition: str = "()", goal: str = "(won)", init: str = "(= (n) 6) (= (m) 4)") -> dict[str, str]:
    return {
        "domain": f"""(define (domain d) (:constants o) (:predicates (won) (p ?x))
          (:functions (n) (m) (c) (f ?x) - number)
          (:action a :parameters () :precondition {condition} :effect {effect})
          (:action win :parameters () :effect (won)))""",
        "problem": f"(define (problem q) (:domain d) (:objects) (:init {init}) (:goal {goal}))",
    }


@pytest.mark.parametrize(
    ("effect", "value"),
    [
        ("(scale-up (n) 1.5)", "9"), ("(scale-down (n) 4)", "1.5"), ("(scale-down (n) (- 9))", "-2/3"),
        ("(increase (n) (/ 1 3))", "19/3"), ("(decrease (n) 0.1)", "5.9"), ("(assign (n) (- (m) (* 2 (n) 3)))", "-32"),
        ("(and (increase (n) (n)) (decrease (n) 1))", "11"), ("(and (scale-up (n) 2) (scale-down (n) 3))", "4"),
        ("(and (assign (n) 2) (assign (n) (/ (m) 2)))", "2"), ("(increase (n) (+ 1 2 3))", "12"),
    ],
)  # fmt: skip
def test_numbers_change_exactly(effect: str, value: str) -> None:
    env: ReasoningEnv[object, object] = Pddl()
    env.reset(options={"task": Pddl.task_from_payload(tiny(effect, goal="(and (won) (< (n) 999))"))})
    observation, *_ = env.step("(a)")
    assert observation.startswith(f"(= (n) {value})")
    env.set_state(json.loads(json.dumps(env.get_state())))
    assert env.step("(b)")[0].startswith(observation)


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        ("(increase (n) (/ 1 (- (m) 4)))", "divided by 0"), ("(increase (f o) 1)", "has no value"),
        ("(assign (n) (f o))", "(f o) has no value"), ("(and (assign (n) 1) (assign (n) 2))", "in two ways at once"),
        ("(and (assign (n) 1) (increase (n) 1))", "in two ways"), ("(and (scale-up (n) 2) (increase (n) 1))", "in two"),
        (f"(scale-up (n) {' '.join(['(* 999999999999999999', *['999999999999999999'] * 2, ')'])})", "128 bits"),
    ],
)  # fmt: skip
def test_a_change_without_a_value_is_not_possible(effect: str, told: str) -> None:
    env: ReasoningEnv[object, object] = Pddl()
    goal = "(and (won) (or (< (n) 999) (> (f o) 2)))"
    first, _ = env.reset(options={"task": Pddl.task_from_payload(tiny(effect, goal=goal))})
    assert "(a)" not in env.legal_actions() and "(win)" in env.legal_actions()
    after = env.step("(a)")[0]
    assert after.startswith(first) and "(a) is not possible" in after and told in after


def test_a_comparison_without_a_value_does_not_hold() -> None:
    for sign in ("<", "<=", "=", ">", ">="):
        for condition in (f"({sign} (f o) 3)", f"(not ({sign} 3 (f o)))"):
            task = plannable(**tiny("(won)", condition))
            assert attempted(task.operators["(a)"], task.start) is None


def test_costs_that_nothing_depends_on_are_neither_shown_nor_kept() -> None:
    task = plannable(**tiny("(and (won) (increase (c) (n)))", init="(= (c) 0) (= (n) 6)"))
    assert task.numbers == () and task.start == (0, ()) and "(= (" not in task.text
    needed = plannable(**tiny("(increase (n) (m))", goal="(> (n) 9)"))
    assert needed.numbers == ("(n)",) and "always (= (m) 4)" in needed.text
    chain = plannable(**tiny("(and (increase (n) (m)) (increase (m) (f o)) (increase (c) (n)))", goal="(> (n) 9)",
                             init="(= (n) 6) (= (m) 4) (= (c) 0) (= (f o) 0.5)"))  # fmt: skip
    assert set(chain.numbers) == {"(n)", "(m)"} and "always (= (f o) 0.5)" in chain.text


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("domain", "(:action win", "(:durative-action win", "line 4: ':durative-action' in a domain is not supported"),
        ("domain", "(:action win", "(:derived (p ?x) (won)) (:action win", "line 4: ':derived' in a domain"),
        ("domain", "(:action win", "(:process g :effect (won)) (:action win", "line 4: ':process' in a domain"),
        ("domain", "(:action win", "(:event g :effect (won)) (:action win", "line 4: ':event' in a domain"),
        ("domain", "(:action win", "(:constraints (won)) (:action win", "line 4: ':constraints' in a domain"),
        ("domain", "- number", "- thing", "line 2: functions to 'thing' are not supported"),
        ("domain", "(:functions (n)", "(:functions (n) (n)", "line 2: the function n is there twice"),
        ("domain", ":precondition ()", ":precondition (preference x (won))", "line 3: preference is not supported"),
        ("domain", ":precondition ()", ":precondition (> (n) #t)", "line 3: '#t' is no number"),
        ("domain", ":precondition ()", ":precondition (> (n) \u0663)", "line 3: a PDDL text is ASCII"),
        ("domain", ":precondition ()", ":precondition (> (n) 1e9)", "line 3: '1e9' is no number"),
        ("domain", ":precondition ()", f":precondition (> (n) {'9' * 40})", "is no number"),
        ("domain", ":precondition ()", ":precondition (> (n) (/ 1 2 3))", "line 3: '(/ 1 2 3)' does not give /"),
        ("domain", ":precondition ()", ":precondition (> (f) 1)", "line 3: '(f)' does not give f its 1 arguments"),
        ("domain", ":effect (won)))", ":effect (increase (q) 1)))", "line 4: there is no function 'q'"),
        ("problem", "(:goal (won))", "(:goal (always (won)))", "line 1: always is not supported"),
        ("problem", "(= (m) 4)", "(at 5 (won))", "line 1: timed initial literals are not supported"),
        ("problem", "(= (m) 4)", "(= (m) 4) (= (m) 5)", "line 1: '(m)' has a value already"),
        ("problem", "(= (m) 4)", "(= (m) (n))", "line 1: '(= (m) (n))' gives no function a number"),
        ("problem", "(:goal", "(:metric minimize (is-violated x)) (:goal", "there is no function 'is-violated'"),
        ("problem", "(:goal", "(:metric smallest (n)) (:goal", "line 1: a metric is minimize or maximize"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused_by_name_and_line(kind: str, old: str, new: str, told: str) -> None:
    texts = tiny("(won)")
    assert texts[kind].count(old) == 1
    texts[kind] = texts[kind].replace(old, new)
    with pytest.raises(ValueError) as caught:
        Pddl.task_from_payload(texts)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_too_many_numbers_are_refused() -> None:
    objects = " ".join(f"o{i}" for i in range(400))
    values = " ".join(f"(= (f o{i}) 0)" for i in range(399))
    many = tiny("(forall (?x) (increase (f ?x) 1))", goal="(exists (?x) (> (f ?x) 2))", init=values)
    many["problem"] = many["problem"].replace("(:objects)", f"(:objects {objects.removesuffix(' o399')})")
    with pytest.raises(ValueError, match=r"the action \(a\) looks at more than 150 numbers"):
        Pddl.task_from_payload(many)
    big = tiny(f"(assign (n) (+ {' '.join(['(n)'] * 200)}))", goal="(> (n) 9)")
    with pytest.raises(ValueError, match="more than 150 numbers"):
        Pddl.task_from_payload(big)


def test_spoiled_numbers_raise_nothing_but_value_errors() -> None:
    rng, read = random.Random(0), 0
    for _ in range(300):
        texts = dict(zip(("domain", "problem"), rng.choice(list(SAMPLES.values())), strict=True))
        for _ in range(rng.randrange(1, 3)):
            side = rng.choice(["domain", "problem"])
            words = texts[side].split(" ")
            i, j = rng.randrange(len(words)), rng.randrange(len(words))
            words[i] = rng.choice(["", "0", "-1", "(/ 1 0)", "=", words[j], words[i][::-1], "increase", "(", "1/3"])
            texts[side] = " ".join(words)
        try:
            task = plannable(**texts)
        except ValueError as error:
            assert "\n" not in str(error)
        else:
            read += 1
            state = task.start
            for name in rng.choices(list(task.operators) or [""], k=20):
                state = (attempted(task.operators[name], state) if name else None) or state
            assert facts_of(task, state) is not None
    assert read > 5  # not all of them were spoiled


def test_an_object_of_either_type_fits_and_a_dash_may_touch_its_type() -> None:
    task = plannable(
        """(define (domain d) (:types cat dog fish -animal animal) (:predicates (fed ?x))
          (:action feed :parameters (?x - (either cat fish)) :effect (fed ?x)))""",
        """(define (problem q) (:domain d) (:objects a - cat b - dog c - fish) (:init) (:goal (fed a)))""",
    )
    assert list(task.operators) == ["(feed a)", "(feed c)"]
