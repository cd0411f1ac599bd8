"""Colour the nodes of a graph so that no edge joins two of one colour.

An observation is `3 colours: A=1 B=? C=? D=? | A-B A-C B-C C-D`; a right action is `B=2`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.graphs import connected_edges, letters, neighbour_masks
from esreason.envs.search import NoPlan
from esreason.verifiers.assignments import read_assignment
from esreason.verifiers.graphs import read_graph

# nodes, edges, colours
LEVELS = {
    1: (7, 12, 3), 2: (9, 18, 3), 3: (10, 20, 3), 4: (11, 23, 3), 5: (12, 26, 3),
    6: (14, 44, 4), 7: (16, 52, 4), 8: (18, 60, 4), 9: (21, 72, 4), 10: (24, 84, 4),
}  # fmt: skip

MAX_WORK = 400_000
_ACTION = re.compile(r"([A-Za-z0-9_]{1,12})\s*[=:]\s*([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class ColourGraph:
    """A graph, the number of colours, and one right colouring."""

    nodes: tuple[str, ...]
    places: Mapping[str, int]
    pairs: tuple[tuple[int, int], ...]
    edges: str
    colours: tuple[str, ...]
    solution: tuple[int, ...]


def colouring(masks: Sequence[int], colours: int) -> list[int]:
    """A colouring with 1..colours, [] if there is none; exact search on the most constrained node (Brélaz 1979).

    Raises NoPlan when it takes too long.
    """
    count = len(masks)
    colour, left = [0] * count, max(1_000, MAX_WORK // count)
    classes = [0] * (colours + 1)

    def search(open_nodes: int, used: int) -> bool:
        nonlocal left
        if not open_nodes:
            return True
        left -= 1
        if left < 0:
            raise NoPlan("the search for a colouring was given up")
        best, chosen, rest = (-1, -1), 0, open_nodes
        while rest:
            node = (rest & -rest).bit_length() - 1
            rest &= rest - 1
            seen = sum(1 for c in range(1, used + 1) if classes[c] & masks[node])
            if (seen, (masks[node] & open_nodes).bit_count()) > best:
                best, chosen = (seen, (masks[node] & open_nodes).bit_count()), node
        bit = 1 << chosen
        for c in range(1, min(used + 1, colours) + 1):
            if not classes[c] & masks[chosen]:
                classes[c] |= bit
                colour[chosen] = c
                if search(open_nodes ^ bit, max(used, c)):
                    return True
                classes[c] ^= bit
        return False

    return colour if search((1 << count) - 1, 0) else []


class GraphColoring(ReasoningEnv[ColourGraph, tuple[int, ...]]):
    """Colour a graph with k colours: 7 nodes with 3 at level 1, 24 nodes with 84 edges and 4 colours at level 10.

    Every graph is made around a hidden colouring; any right colouring is accepted. Two neighbours may have one colour
    for a while: a node can be coloured anew until the last one is coloured, which ends the episode.
    """

    name = "graph_coloring"
    rules = (
        "Graph colouring: give every node a colour so that the two ends of every edge differ. Colours are the numbers "
        "from 1 to the number shown first. Then come the nodes with their colours (? for none), and behind | the edges."
    )
    action_rule = (
        "Write one node and its colour, for example B=2. A node may be given another colour, "
        "until the last one is coloured: then the colouring is judged."
    )
    answer_rule = "Answer with a colour for every node, for example A: 1, B: 2, C: 3."
    action_chars = 8
    answer_chars = 512

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, wanted, colours = LEVELS[level]
        nodes = letters(count)
        while True:
            hidden = [i % colours for i in range(count)]
            rng.shuffle(hidden)
            allowed = [
                (nodes[i], nodes[j]) for i in range(count) for j in range(i + 1, count) if hidden[i] != hidden[j]
            ]
            edges = connected_edges(rng, nodes, wanted, allowed)
            if edges:
                return {"nodes": nodes, "edges": edges, "colors": colours}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> ColourGraph:
        if set(payload) != {"nodes", "edges", "colors"}:
            raise ValueError('a graph_coloring payload is {"nodes", "edges", "colors"}')
        nodes, edges = read_graph(payload["nodes"], payload["edges"])
        colours = payload["colors"]
        if type(colours) is not int or not 1 <= colours <= 100:
            raise ValueError("colors is a whole number from 1 to 100")
        if len({node.lower() for node in nodes}) != len(nodes):
            raise ValueError("two nodes differ only in upper and lower case")
        masks = neighbour_masks(list(nodes), edges)
        solution = colouring(masks, colours)
        if not solution:
            raise ValueError(f"the graph cannot be coloured with {colours} colours")
        places = {node: i for i, node in enumerate(nodes)}
        pairs = tuple((places[u], places[v]) for u, v in edges)
        text = " ".join(f"{u}-{v}" for u, v in edges)
        names = tuple(str(c) for c in range(1, colours + 1))
        return ColourGraph(nodes, places, pairs, text, names, tuple(solution))

    @classmethod
    def _start(cls, instance: ColourGraph) -> tuple[int, ...]:
        return (0,) * len(instance.nodes)

    @classmethod
    def _observe(cls, instance: ColourGraph, state: tuple[int, ...]) -> str:
        values = " ".join([f"{node}={c or '?'}" for node, c in zip(instance.nodes, state, strict=True)])
        return f"{len(instance.colours)} colours: {values} | {instance.edges}"

    @classmethod
    def _apply(cls, instance: ColourGraph, state: tuple[int, ...], action: str) -> tuple[int, ...]:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form {instance.nodes[0]}=1.")
        place, colour = instance.places.get(match[1]), int(match[2])
        if place is None:
            raise IllegalAction(f"There is no node {shown(match[1])}.")
        if not 1 <= colour <= len(instance.colours):
            raise IllegalAction(f"The colours are 1 to {len(instance.colours)}.")
        if state[place] == colour:
            raise IllegalAction(f"{match[1]} has the colour {colour} already.")
        return (*state[:place], colour, *state[place + 1 :])

    @classmethod
    def _done(cls, instance: ColourGraph, state: tuple[int, ...]) -> bool:
        return 0 not in state

    @classmethod
    def _answer(cls, instance: ColourGraph, state: tuple[int, ...], actions: Sequence[str]) -> str:
        return ", ".join([f"{node}: {colour}" for node, colour in zip(instance.nodes, state, strict=True)])

    @classmethod
    def _verify(cls, instance: ColourGraph, answer: str) -> Verdict:
        try:
            values = read_assignment(answer, instance.nodes, instance.colours)
        except ValueError as error:
            return reject(str(error))
        for u, v in instance.pairs:
            if values[u] == values[v]:
                return reject(f"{instance.nodes[u]} and {instance.nodes[v]} both have the colour {values[u]}.", values)
        return accept(values)

    @classmethod
    def _solve(cls, instance: ColourGraph) -> Solution:
        actions = [f"{node}={colour}" for node, colour in zip(instance.nodes, instance.solution, strict=True)]
        return Solution(cls._answer(instance, instance.solution, actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: ColourGraph, state: tuple[int, ...]) -> list[str]:
        return [
            f"{node}={name}"
            for node, now in zip(instance.nodes, state, strict=True)
            for colour, name in enumerate(instance.colours, 1)
            if colour != now
        ]

    @classmethod
    def _limit(cls, instance: ColourGraph) -> int:
        return 2 * len(instance.nodes)
