"""Tower of Hanoi from any position to any other.

An observation is `CBB -> AAA` (the pegs of the disks, smallest first); a right action is `C->A`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution

# disks (fewest, most), length of the shortest solution (least, most)
LEVELS = {
    1: (3, 5, 2, 5), 2: (3, 5, 6, 10), 3: (4, 5, 10, 15), 4: (4, 6, 14, 20), 5: (5, 6, 20, 31),
    6: (5, 7, 28, 45), 7: (6, 7, 40, 63), 8: (6, 8, 56, 90), 9: (7, 8, 80, 127), 10: (8, 8, 120, 255),
}  # fmt: skip

_MOVE = re.compile(r"([ABC])\s*->\s*([ABC])")


@dataclass(frozen=True, slots=True)
class Towers:
    """Start and goal: a peg a disk, smallest first."""

    start: str
    goal: str


def distance(start: str, goal: str) -> int:
    """The length of a shortest solution."""
    return len(shortest(start, goal))


def shortest(start: str, goal: str) -> list[str]:
    """A shortest solution between any two positions.

    The largest disk that has to move does so once, or twice by way of the third peg (Hinz 1992); between, the
    smaller ones stand on one peg, to and from which the shortest way is the only one. The shorter of the two.
    """
    n = len(start)
    while n and start[n - 1] == goal[n - 1]:
        n -= 1
    if n == 0:
        return []
    here, there = start[n - 1], goal[n - 1]
    third = _third(here, there)
    once = _gather(start, n - 1, third) + [f"{here}->{there}"] + _spread(goal, n - 1, third)
    twice = (
        _gather(start, n - 1, there) + [f"{here}->{third}"] + _gather(there * (n - 1), n - 1, here)
        + [f"{third}->{there}"] + _spread(goal, n - 1, here)
    )  # fmt: skip
    return min(once, twice, key=len)


def _third(a: str, b: str) -> str:
    return chr(ord("A") + ord("B") + ord("C") - ord(a) - ord(b))


def _gather(position: str, n: int, peg: str) -> list[str]:
    """The shortest way to bring the n smallest disks onto one peg."""
    moves: list[str] = []
    if n:
        here = position[n - 1]
        if here == peg:
            return _gather(position, n - 1, peg)
        third = _third(here, peg)
        moves = _gather(position, n - 1, third) + [f"{here}->{peg}"] + _gather(third * (n - 1), n - 1, peg)
    return moves


def _spread(position: str, n: int, peg: str) -> list[str]:
    """The shortest way from one peg to a position of the n smallest disks."""
    return [f"{move[3]}->{move[0]}" for move in reversed(_gather(position, n, peg))]


class Hanoi(PlanEnv[Towers, str]):
    """Move disks between pegs A, B, C from any position to any other.

    Shortest solutions have 2-5 moves at level 1 to 120-255 at level 10. The solver's plan is a shortest one; any plan
    that ends in the goal is right.
    """

    name = "hanoi"
    rules = (
        "Tower of Hanoi: before the arrow stands the peg (A, B or C) of every disk, smallest disk first; behind it "
        "the pegs where they must be. Only the smallest disk on a peg can move, and never onto a smaller one."
    )
    action_rule = "Write one move, for example A->C, which moves the top disk of peg A to peg C."
    answer_rule = "Answer with all moves, for example A->C A->B C->B."
    action_chars = 4
    answer_chars = 2048
    task_space = {1: 1_016, 2: 1_500, 3: 6_260, 4: 10_900, 5: 55_800}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        fewest, most, least, longest = LEVELS[level]
        while True:
            disks = rng.randint(fewest, most)
            start, goal = ("".join(rng.choices("ABC", k=disks)) for _ in range(2))
            if least <= distance(start, goal) <= longest:
                return {"disks": disks, "start": start, "goal": goal}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Towers:
        disks = payload.get("disks")
        if set(payload) != {"disks", "start", "goal"} or type(disks) is not int or not 1 <= disks <= 10:
            raise ValueError('a hanoi payload is {"disks": 1 to 10, "start": pegs, "goal": pegs}')
        sides = []
        for side in (payload["start"], payload["goal"]):
            if not isinstance(side, str) or not side or not set(side) <= set("ABC") or len(side) not in (1, disks):
                raise ValueError("start and goal are one of A, B, C for all disks, or a letter a disk, smallest first")
            sides.append(side if len(side) == disks else side * disks)
        return Towers(*sides)

    @classmethod
    def _start(cls, instance: Towers) -> str:
        return instance.start

    @classmethod
    def _observe(cls, instance: Towers, state: str) -> str:
        return f"{state} -> {instance.goal}"

    @classmethod
    def _apply(cls, instance: Towers, state: str, action: str) -> str:
        match = _MOVE.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form A->C.")
        here, there = match.groups()
        if here == there:
            raise IllegalAction("A move leads to another peg.")
        disk, top = state.find(here), state.find(there)
        if disk < 0:
            raise IllegalAction(f"Peg {here} is empty.")
        if 0 <= top < disk:
            raise IllegalAction(f"The top disk of {there} is smaller than that of {here}.")
        return state[:disk] + there + state[disk + 1 :]

    @classmethod
    def _goal(cls, instance: Towers, state: str) -> bool:
        return state == instance.goal

    @classmethod
    def _moves(cls, answer: str) -> list[str]:
        return [move for move in cls.separator.split(re.sub(r"\s*->\s*", "->", answer)) if move]

    @classmethod
    def _solve(cls, instance: Towers) -> Solution:
        moves = shortest(instance.start, instance.goal)
        return Solution(" ".join(moves), moves, optimal=True)

    @classmethod
    def _legal(cls, instance: Towers, state: str) -> list[str]:
        tops = {peg: state.find(peg) % 99 for peg in "ABC"}  # an empty peg takes any disk
        return [f"{a}->{b}" for a in "ABC" for b in "ABC" if tops[a] < tops[b]]

    @classmethod
    def _limit(cls, instance: Towers) -> int:
        return 2 * distance(instance.start, instance.goal) + 2
