"""Course plans judged rule by rule, shortened by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ortools.sat.python import cp_model

from tests.oracles import _plans
from tests.oracles._graphs import Payload


def judge(payload: Payload, answer: str) -> bool:
    terms = [part.replace(",", " ").replace(";", " ").split() for part in answer.split("|")]
    taken = [course for term in terms for course in term]
    if len(terms) > payload["terms"] or sorted(taken) != sorted(payload["courses"]):
        return False
    when = {course: number for number, term in enumerate(terms, 1) for course in term}
    return (
        all(len(term) <= payload["seats"] for term in terms)
        and all(when[first] < when[then] for first, then in payload["prerequisites"])
        and all((when[course] % 2 == 1) == (offer == "odd") for course, offer in payload["offered"].items())
    )


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plain = _plans.mutations(answer, [*payload["courses"], "|", "next"], rng)
    while True:
        yield next(plain)
        terms = [part.split() for part in answer.split("|")]
        i, j = rng.randrange(len(terms)), rng.randrange(len(terms))
        if terms[i]:  # one course taken in another term
            terms[j].append(terms[i].pop(rng.randrange(len(terms[i]))))
        yield " | ".join(" ".join(term) for term in terms)
        terms[i], terms[j] = terms[j], terms[i]
        yield " | ".join(" ".join(term) for term in terms)


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plans = [[part.split() for part in answer.split("|")], shortest(payload)]
    while True:
        plan = [rng.sample(term, len(term)) for term in rng.choice(plans)]
        inner, outer = rng.choice([" ", ", ", ",", "; "]), rng.choice([" | ", "|", "\n|\n", " |\n"])
        yield outer.join(inner.join(term) for term in plan)


def shortest(payload: Payload) -> list[list[str]]:
    """A plan with the fewest terms."""
    model, most = cp_model.CpModel(), 4 * len(payload["courses"])
    when = {course: model.new_int_var(1, most, course) for course in payload["courses"]}
    for first, then in payload["prerequisites"]:
        model.add(when[first] < when[then])
    for course, offer in payload["offered"].items():
        model.add_modulo_equality(1 if offer == "odd" else 0, when[course], 2)
    intervals = [model.new_fixed_size_interval_var(term, 1, "") for term in when.values()]
    model.add_cumulative(intervals, [1] * len(intervals), payload["seats"])
    last = model.new_int_var(1, most, "")
    model.add_max_equality(last, list(when.values()))
    model.minimize(last)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError("CP-SAT finds no shortest plan")
    plan: list[list[str]] = [[] for _ in range(solver.value(last))]
    for course, term in when.items():
        plan[solver.value(term) - 1].append(course)
    return plan


def optimal_steps(payload: Payload) -> int:
    return len(payload["courses"]) + len(shortest(payload)) - 1
