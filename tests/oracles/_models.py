"""Planning domains as a second model of their moves, for the oracles of several environments.

A model says only how one move changes a state (None where it is illegal) and lists candidates for moves; plans are
played, spoiled, rewritten and searched (every candidate tried in every state) from that alone.
"""

from __future__ import annotations

import heapq
import random
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

State = Hashable
Payload = dict[str, Any]

JOINTS = {
    "letters": ["", " ", ", ", "\n", ";", ",", "\t", " ; "],
    "words": [" ", ", ", "\n", ";", ",", "; ", "\r\n", ",\n"],
    "phrases": [", ", "\n", ";", ",", "; ", "\r\n", " ,\n"],
}


@dataclass(frozen=True, slots=True)
class Model:
    """A domain: its first state, one move, the goal, candidates for moves, and how moves are written in an answer."""

    start: Callable[[Payload], State]
    step: Callable[[Payload, Any, str], State | None]
    goal: Callable[[Payload, Any], bool]
    candidates: Callable[[Payload], list[str]]
    style: Literal["letters", "words", "phrases"]

    def read(self, answer: str) -> list[str]:
        """The moves of an answer; a run of blanks is one."""
        answer = re.sub(r"[ \t\r\f\v]+", " ", answer)
        if self.style == "letters":
            return list(re.sub(r"[\s,;]", "", answer).upper())
        parts = re.split(r"[\s,;]" if self.style == "words" else r"[,;\n]", answer)
        return [part.strip() for part in parts if part.strip()]

    def states(self, payload: Payload, moves: list[str]) -> list[State] | None:
        """The states that a plan runs through, None where a move is illegal."""
        found = [self.start(payload)]
        for move in moves:
            state = self.step(payload, found[-1], move)
            if state is None:
                return None
            found.append(state)
        return found

    def judge(self, payload: Payload, answer: str) -> bool:
        """Whether the moves are legal and end in a goal."""
        moves = self.read(answer)
        states = self.states(payload, moves) if len(moves) <= 4_000 else None
        return states is not None and self.goal(payload, states[-1])

    def mutations(self, payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
        """Plans near a right one."""
        right, candidates = self.read(answer), self.candidates(payload)
        while True:
            moves = list(right)
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                moves = _spoiled(moves, candidates, rng)
            yield rng.choice(JOINTS[self.style]).join(moves)

    def rewrites(self, payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
        """The same plan with other separators, and longer plans with moves that are undone at once."""
        right, candidates = self.read(answer), self.candidates(payload)
        states = self.states(payload, right) or []
        while True:
            moves, place = list(right), rng.randrange(len(right))
            first, second = rng.choice(candidates), rng.choice(candidates)
            there = self.step(payload, states[place], first)
            if there is not None and self.step(payload, there, second) == states[place]:
                moves[place:place] = [first, second]
            yield rng.choice(JOINTS[self.style]).join(moves)

    def optimal_steps(self, payload: Payload, least: Callable[[Any], int] = lambda state: 0) -> int:
        """The length of a shortest plan: states in order of moves made and `least` moves still to make."""
        candidates, start = self.candidates(payload), self.start(payload)
        best = {start: 0}
        queue: list[tuple[int, int, int, Any]] = [(least(start), 0, 0, start)]
        while queue:
            _, made, _, state = heapq.heappop(queue)
            made = -made
            if made > best[state]:
                continue
            if self.goal(payload, state):
                return made
            for move in candidates:
                other = self.step(payload, state, move)
                if other is not None and made + 1 < best.get(other, made + 2):
                    best[other] = made + 1
                    heapq.heappush(queue, (made + 1 + least(other), -made - 1, len(best), other))
        raise AssertionError("the task has no solution")


def _spoiled(moves: list[str], candidates: list[str], rng: random.Random) -> list[str]:
    i, j = rng.randrange(len(moves) + 1), rng.randrange(len(moves) + 1)
    kind = rng.randrange(9)
    if kind == 0:
        moves[i:i] = [rng.choice(candidates)]
    elif kind == 1 and moves:
        moves[i % len(moves)] = rng.choice(candidates)
    elif kind == 2:
        del moves[i : i + 1]
    elif kind == 3 and moves:
        i, j = i % len(moves), j % len(moves)
        moves[i], moves[j] = moves[j], moves[i]
    elif kind == 4:
        moves = moves[:i]
    elif kind == 5:
        moves = moves[i:]
    elif kind == 6 and moves:
        moves[i:i] = [moves[i % len(moves)]] * rng.choice([1, 2, 50])
    elif kind == 7:
        moves = moves[::-1]
    else:
        moves = [*moves, *rng.choices(candidates, k=rng.randint(1, 4))]
    return moves
