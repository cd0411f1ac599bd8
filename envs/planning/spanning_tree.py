"""A lightest tree that joins all nodes of a weighted graph.

An observation is `tree A-C: 3 | A-B:5 A-C:3 B-C:4 B-D:2` (edges chosen, their length, all edges); a right action is
`B-D`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.graphs import all_pairs, connected_edges, letters
from esreason.verifiers.graphs import read_weighted
from esreason.verifiers.parsing import words

# nodes, edges, largest weight
LEVELS = {
    1: (5, 9, 12), 2: (6, 10, 15), 3: (7, 12, 15), 4: (8, 14, 20), 5: (9, 17, 20),
    6: (10, 20, 30), 7: (12, 25, 30), 8: (14, 30, 50), 9: (16, 36, 50), 10: (20, 48, 99),
}  # fmt: skip

Forest = tuple[int, tuple[int, ...]]
"""The bit mask of the chosen edges, and for each node the number of the part it is in."""


@dataclass(frozen=True, slots=True)
class Net:
    """A weighted graph and one lightest tree of it, as places of edges."""

    nodes: tuple[str, ...]
    places: Mapping[str, int]
    names: tuple[str, ...]
    ends: tuple[tuple[int, int], ...]
    weights: tuple[int, ...]
    text: str
    tree: tuple[int, ...]
    least: int


def lightest_tree(count: int, ends: Sequence[tuple[int, int]], weights: Sequence[int]) -> list[int]:
    """The edges of a lightest spanning tree, lightest first (Kruskal 1956); fewer than count - 1 if there is none."""
    part, chosen = list(range(count)), []
    for edge in sorted(range(len(ends)), key=lambda e: (weights[e], e)):
        a, b = part[ends[edge][0]], part[ends[edge][1]]
        if a != b:
            part = [b if p == a else p for p in part]
            chosen.append(edge)
    return chosen


class SpanningTree(ReasoningEnv[Net, Forest]):
    """Choose edges of a lightest spanning tree; 5 nodes and 9 edges at level 1, 20 and 48 at level 10.

    Every tree of the least total length is right (proved by Kruskal's algorithm); the episode ends with the last edge.
    """

    name = "spanning_tree"
    rules = (
        "Minimum spanning tree: choose edges that join all nodes, without a cycle and with the least total length. "
        "Shown are the edges chosen so far (- if none), their total length, and behind | all edges with their lengths."
    )
    action_rule = "Write one edge, for example A-C, to choose it for good; an edge that closes a cycle is illegal."
    answer_rule = "Answer with all edges of the tree, for example A-C B-C B-D."
    action_chars = 8
    answer_chars = 256

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, wanted, heaviest = LEVELS[level]
        nodes = letters(count)
        edges = connected_edges(rng, nodes, wanted, all_pairs(nodes)) or []
        return {"nodes": nodes, "edges": [[u, v, rng.randint(1, heaviest)] for u, v in edges]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Net:
        if set(payload) != {"nodes", "edges"}:
            raise ValueError('a spanning_tree payload is {"nodes", "edges"}')
        edges, weights_of = read_weighted(payload["nodes"], payload["edges"])
        nodes = tuple(weights_of)
        where = {node: i for i, node in enumerate(nodes)}
        ends = tuple((where[u], where[v]) for u, v, _ in edges)
        weights = tuple(weight for *_, weight in edges)
        tree = lightest_tree(len(nodes), ends, weights)
        if len(nodes) < 2 or len(tree) < len(nodes) - 1:
            raise ValueError("the graph has two nodes or more and is connected")
        names = tuple(f"{u}-{v}" for u, v, _ in edges)
        places = {name: i for i, name in enumerate(names)}
        places |= {f"{v}-{u}": i for i, (u, v, _) in enumerate(edges)}
        text = " ".join(f"{name}:{weight}" for name, weight in zip(names, weights, strict=True))
        return Net(nodes, places, names, ends, weights, text, tuple(tree), sum(weights[e] for e in tree))

    @classmethod
    def _start(cls, instance: Net) -> Forest:
        return 0, tuple(range(len(instance.nodes)))

    @classmethod
    def _observe(cls, instance: Net, state: Forest) -> str:
        chosen = [edge for edge in range(len(instance.names)) if state[0] >> edge & 1] if state[0] else []
        total = sum([instance.weights[edge] for edge in chosen])
        return f"tree {' '.join([instance.names[edge] for edge in chosen]) or '-'}: {total} | {instance.text}"

    @classmethod
    def _apply(cls, instance: Net, state: Forest, action: str) -> Forest:
        edge = instance.places.get(action)
        if edge is None:
            raise IllegalAction(f"There is no edge {shown(action)}.")
        chosen, part = state
        if chosen >> edge & 1:
            raise IllegalAction(f"{instance.names[edge]} is chosen already.")
        u, v = instance.ends[edge]
        a, b = part[u], part[v]
        if a == b:
            raise IllegalAction(f"{instance.names[edge]} closes a cycle.")
        return chosen | 1 << edge, tuple([b if p == a else p for p in part])

    @classmethod
    def _done(cls, instance: Net, state: Forest) -> bool:
        return len(set(state[1])) == 1

    @classmethod
    def _answer(cls, instance: Net, state: Forest, actions: Sequence[str]) -> str:
        return " ".join(actions)

    @classmethod
    def _verify(cls, instance: Net, answer: str) -> Verdict:
        state, names = cls._start(instance), []
        try:
            for word in words(answer, len(instance.nodes)):
                state = cls._apply(instance, state, word)
                names.append(word)
        except (ValueError, IllegalAction) as error:
            return reject(f"{str(error).rstrip('.')}.", names or None)
        if not cls._done(instance, state):
            return reject("The edges do not join all nodes.", names)
        total = sum(weight for edge, weight in enumerate(instance.weights) if state[0] >> edge & 1)
        if total > instance.least:
            return reject(f"The tree has length {total}; there is one of length {instance.least}.", names)
        return accept(names, f"No tree is shorter than {total}.")

    @classmethod
    def _solve(cls, instance: Net) -> Solution:
        actions = [instance.names[edge] for edge in instance.tree]
        return Solution(" ".join(actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: Net, state: Forest) -> list[str]:
        part = state[1]
        return [name for name, (u, v) in zip(instance.names, instance.ends, strict=True) if part[u] != part[v]]

    @classmethod
    def _limit(cls, instance: Net) -> int:
        return len(instance.nodes) + cls.max_illegal
