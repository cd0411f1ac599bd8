"""The tower of Hanoi with stacks for pegs, shortest solutions by networkx on the whole graph of positions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from itertools import product

import networkx as nx

from tests.oracles import _plans
from tests.oracles._graphs import Payload

LEVELS = (1, 2, 3, 5, 7)
MOVES = [f"{a}->{b}" for a in "ABC" for b in "ABC" if a != b]


def _position(payload: Payload, side: str) -> str:
    return str(payload[side] if len(payload[side]) == payload["disks"] else payload[side] * payload["disks"])


def _moves(answer: str) -> list[str]:
    """Moves between white space, commas and semicolons; spaces around an arrow do not count."""
    return _plans.moves_of("->".join(piece.strip() for piece in f" {answer} ".split("->")))


def judge(payload: Payload, answer: str) -> bool:
    pegs: dict[str, list[int]] = {peg: [] for peg in "ABC"}
    start = _position(payload, "start")
    for disk in range(payload["disks"] - 1, -1, -1):
        pegs[start[disk]].append(disk)
    for move in _moves(answer):
        here, arrow, there = move.partition("->")
        if not arrow or here not in pegs or there not in pegs or here == there or not pegs[here]:
            return False
        if pegs[there] and pegs[there][-1] < pegs[here][-1]:
            return False
        pegs[there].append(pegs[here].pop())
    goal = _position(payload, "goal")
    return all(disk in pegs[goal[disk]] for disk in range(payload["disks"]))


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.mutations(answer, MOVES, rng)


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    longer = [answer]
    first, last = answer.split()[0], answer.split()[-1]
    longer.append(f"{first} {first[3]}->{first[0]} {answer}")  # there and back again
    longer.append(f"{answer} {last[3]}->{last[0]} {last}")
    while True:
        text = next(_plans.rewrites(rng.choice(longer), rng))
        yield rng.choice([text, text, text.replace("->", " -> "), text.replace("->", "→")])


@cache
def _graph(disks: int) -> nx.Graph:
    graph = nx.Graph()
    for position in map("".join, product("ABC", repeat=disks)):
        tops = {peg: position.find(peg) for peg in set(position)}
        for here, disk in tops.items():
            for there in set("ABC") - {here}:
                if tops.get(there, disks) > disk:
                    graph.add_edge(position, position[:disk] + there + position[disk + 1 :])
    return graph


def optimal_steps(payload: Payload) -> int:
    start, goal = _position(payload, "start"), _position(payload, "goal")
    return int(nx.shortest_path_length(_graph(payload["disks"]), start, goal))
