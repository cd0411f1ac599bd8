"""Courses with prerequisites, spread over terms.

An observation is `term 2 of 3, 1 seat left: C | done A B | A; B odd; C < A; D even < A B` (what is taken this term,
what was taken before, all courses with their prerequisites); a right action is `D`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.graphs import letters
from esreason.envs.search import NoPlan
from esreason.verifiers.graphs import read_edges, read_nodes

# courses, prerequisites, courses offered in every other term only, seats a term, random plays that must fail
LEVELS = {
    1: (7, 6, 2, 2, 12), 2: (8, 8, 2, 2, 12), 3: (9, 9, 2, 2, 8), 4: (9, 10, 2, 2, 8), 5: (10, 12, 2, 3, 20),
    6: (11, 14, 3, 3, 6), 7: (12, 16, 3, 3, 4), 8: (13, 18, 4, 3, 2), 9: (15, 22, 4, 3, 0), 10: (17, 26, 5, 3, 0),
}  # fmt: skip

MAX_COURSES, MAX_TERMS, MAX_SEATS, MAX_SEARCH = 40, 60, 6, 5_000
NEXT = "next"

Enrolment = tuple[int, int, int]
"""The term (from 1), the courses taken before it and those taken in it, as bit masks."""


@dataclass(frozen=True, slots=True)
class Curriculum:
    """The courses with the bit masks of what they need and when they are offered, and one right plan."""

    courses: tuple[str, ...]
    places: Mapping[str, int]
    needs: tuple[int, ...]
    parity: tuple[int, ...]
    seats: int
    terms: int
    text: str
    plan: tuple[int, ...]


def plan_terms(needs: Sequence[int], parity: Sequence[int], seats: int, terms: int) -> list[int] | None:
    """Courses by term (bit masks) that take at most `terms`, None if there are none; NoPlan when it takes too long.

    Taking a course in an earlier term never hurts, so a term is filled whenever it can be. `parity` is 0 for courses
    offered in even terms, 1 in odd ones, 2 in all.
    """
    full, left = (1 << len(needs)) - 1, MAX_SEARCH
    failed: set[tuple[int, int]] = set()

    def search(term: int, done: int, plan: list[int]) -> list[int] | None:
        nonlocal left
        if done == full:
            return plan
        if (full & ~done).bit_count() > seats * (terms - term + 1) or (term, done) in failed:
            return None
        left -= 1
        open_courses = [
            i for i, need in enumerate(needs) if not done >> i & 1 and not need & ~done and parity[i] in (term & 1, 2)
        ]
        for chosen in combinations(open_courses, min(seats, len(open_courses))):
            if left < 0:
                raise NoPlan("the search for a plan was given up")
            taken = sum(1 << i for i in chosen)
            found = search(term + 1, done | taken, [*plan, taken])
            if found is not None:
                return found
        failed.add((term, done))
        return None

    return search(1, 0, [])


class CourseSchedule(ReasoningEnv[Curriculum, Enrolment]):
    """Take all courses within a stated number of terms; 7 courses at level 1, 17 at level 10.

    The number of terms is the least possible, proved by exhaustive search; every plan that meets it is right.
    At the lower levels those are kept in which up to 12 random plays fail.
    """

    name = "course_schedule"
    rules = (
        "Course schedule: take every course once, within the stated number of terms and with so many seats a term. "
        "The courses behind < must be taken in earlier terms; odd or even says in which terms alone a course is "
        "offered. Shown are the term, the seats left and the courses taken in it, then those taken before."
    )
    action_rule = "Write a course, for example D, to take it in this term, or next to begin the next term."
    answer_rule = "Answer with the courses of every term, the terms separated by |, for example A B | C D | E."
    action_chars = 8
    answer_chars = 256

    @classmethod
    def _draw(cls, rng: random.Random, level: int) -> dict[str, Any]:
        """A payload with the least number of terms."""
        count, wanted, special, seats, _ = LEVELS[level]
        order = rng.sample(letters(count), count)
        pairs = [(order[i], order[j]) for i in range(count) for j in range(i + 1, min(count, i + 5))]
        chosen = sorted(rng.sample(pairs, wanted))
        offered = {course: rng.choice(["odd", "even"]) for course in sorted(rng.sample(order, special))}
        payload = {
            "courses": letters(count), "prerequisites": [list(pair) for pair in chosen], "offered": offered,
            "seats": seats, "terms": 0,
        }  # fmt: skip
        _, needs, parity, _ = _read_courses(payload)
        terms = -(-count // seats)
        while plan_terms(needs, parity, seats, terms) is None:
            terms += 1
        return payload | {"terms": terms}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        while True:
            payload = cls._draw(rng, level)
            instance = cls._parse(payload)
            if not any(cls._lucky(instance, rng) for _ in range(LEVELS[level][4])):
                return payload

    @classmethod
    def _lucky(cls, instance: Curriculum, rng: random.Random) -> bool:
        """Whether random legal play takes all courses."""
        state = cls._start(instance)
        while not cls._done(instance, state):
            state = cls._apply(instance, state, rng.choice(cls._legal(instance, state)))
        return (state[1] | state[2]).bit_count() == len(instance.courses)

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Curriculum:
        if set(payload) != {"courses", "prerequisites", "offered", "seats", "terms"}:
            raise ValueError('a course_schedule payload is {"courses", "prerequisites", "offered", "seats", "terms"}')
        courses, needs, parity, text = _read_courses(payload)
        seats, terms = payload["seats"], payload["terms"]
        if (
            type(seats) is not int
            or type(terms) is not int
            or not (1 <= seats <= MAX_SEATS and 1 <= terms <= MAX_TERMS)
        ):
            raise ValueError(f"seats are 1 to {MAX_SEATS}, terms 1 to {MAX_TERMS}")
        plan = plan_terms(needs, parity, seats, terms)
        if plan is None:
            raise ValueError(f"the courses cannot be taken within {terms} terms")
        places = {course: i for i, course in enumerate(courses)}
        return Curriculum(courses, places, needs, parity, seats, terms, text, tuple(plan))

    @classmethod
    def _start(cls, instance: Curriculum) -> Enrolment:
        return 1, 0, 0

    @classmethod
    def _observe(cls, instance: Curriculum, state: Enrolment) -> str:
        term, done, taken = state
        left = instance.seats - taken.bit_count()
        seats = f"{left} seat{'' if left == 1 else 's'} left"
        now, before = _names(instance, taken) or "-", _names(instance, done) or "-"
        return f"term {term} of {instance.terms}, {seats}: {now} | done {before} | {instance.text}"

    @classmethod
    def _refusal(cls, instance: Curriculum, state: Enrolment, course: int) -> str | None:
        """One sentence on why a course cannot be taken now, None if it can."""
        term, done, taken = state
        name = instance.courses[course]
        if (done | taken) >> course & 1:
            return f"{name} is taken already."
        if taken.bit_count() >= instance.seats:
            return f"No seat is left in term {term}."
        if instance.parity[course] not in (term & 1, 2):
            return f"{name} is not offered in term {term}."
        missing = instance.needs[course] & ~done
        if missing:
            return f"{name} needs {instance.courses[missing.bit_length() - 1]} in an earlier term."
        return None

    @classmethod
    def _apply(cls, instance: Curriculum, state: Enrolment, action: str) -> Enrolment:
        term, done, taken = state
        if action == NEXT:
            if term == instance.terms:
                raise IllegalAction("This is the last term.")
            return term + 1, done | taken, 0
        course = instance.places.get(action)
        if course is None:
            raise IllegalAction(f"There is no course {shown(action)}.")
        problem = cls._refusal(instance, state, course)
        if problem:
            raise IllegalAction(problem)
        return term, done, taken | 1 << course

    @classmethod
    def _done(cls, instance: Curriculum, state: Enrolment) -> bool:
        if (state[1] | state[2]).bit_count() == len(instance.courses):
            return True
        return state[0] == instance.terms and not cls._legal(instance, state)

    @classmethod
    def _answer(cls, instance: Curriculum, state: Enrolment, actions: Sequence[str]) -> str:
        return " ".join(["|" if action == NEXT else action for action in actions])

    @classmethod
    def _verify(cls, instance: Curriculum, answer: str) -> Verdict:
        if answer.count("|") >= instance.terms:
            return reject(f"The plan takes more than {instance.terms} terms.")
        terms = [[word for word in _BETWEEN.split(part) if word] for part in answer.split("|")]
        state = cls._start(instance)
        try:
            for number, term in enumerate(terms):
                if number:
                    state = cls._apply(instance, state, NEXT)
                for course in term:
                    if course == NEXT:
                        return reject("The terms of an answer are separated by |.")
                    state = cls._apply(instance, state, course)
        except IllegalAction as error:
            return reject(str(error))
        if (state[1] | state[2]).bit_count() < len(instance.courses):
            return reject("The plan leaves out a course.", terms)
        return accept(terms, f"All courses are taken within {instance.terms} terms.")

    @classmethod
    def _solve(cls, instance: Curriculum) -> Solution:
        actions: list[str] = []
        for number, taken in enumerate(instance.plan):
            actions += [NEXT] * (number > 0)
            actions += [course for i, course in enumerate(instance.courses) if taken >> i & 1]
        try:
            optimal = plan_terms(instance.needs, instance.parity, instance.seats, len(instance.plan) - 1) is None
        except NoPlan:
            optimal = False
        return Solution(cls._answer(instance, (0, 0, 0), actions), actions, optimal)

    @classmethod
    def _legal(cls, instance: Curriculum, state: Enrolment) -> list[str]:
        found = [name for i, name in enumerate(instance.courses) if cls._refusal(instance, state, i) is None]
        return found if state[0] == instance.terms else [*found, NEXT]

    @classmethod
    def _limit(cls, instance: Curriculum) -> int:
        return len(instance.courses) + instance.terms + cls.max_illegal


_BETWEEN = re.compile(r"[\s,;]+")


def _names(instance: Curriculum, mask: int) -> str:
    return " ".join([course for i, course in enumerate(instance.courses) if mask >> i & 1])


def _read_courses(payload: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...], str]:
    """The courses, what each needs (bit masks), when each is offered, and all that as text."""
    courses = read_nodes(payload["courses"])
    pairs, offered = read_edges(courses, payload["prerequisites"]), payload["offered"]
    if len(courses) > MAX_COURSES or NEXT in courses:
        raise ValueError(f"there are at most {MAX_COURSES} courses, none called {NEXT}")
    if not isinstance(offered, Mapping) or any(
        course not in courses or when not in ("odd", "even") for course, when in offered.items()
    ):
        raise ValueError('offered says "odd" or "even" for some of the courses')
    where = {course: i for i, course in enumerate(courses)}
    needs, before = [0] * len(courses), dict[str, list[str]]()
    for first, then in pairs:
        needs[where[then]] |= 1 << where[first]
        before.setdefault(then, []).append(first)
    lines = []
    for course in courses:
        when = f" {offered[course]}" if course in offered else ""
        lines.append(f"{course}{when}" + (f" < {' '.join(before[course])}" if course in before else ""))
    parity = tuple({"even": 0, "odd": 1}.get(offered.get(course, ""), 2) for course in courses)
    return tuple(courses), tuple(needs), parity, "; ".join(lines)
