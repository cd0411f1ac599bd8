"""A path that visits every node of a graph once.

An observation is `B F D | A C E | A-C A-D B-D B-F C-E` (visited in this order, nodes left, edges); a right action is
`A`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.graphs import all_pairs, connected_edges, letters, neighbour_masks
from esreason.envs.search import NoPlan
from esreason.verifiers.graphs import Weights, read_graph, walk

# nodes, edges
LEVELS = {
    1: (9, 12), 2: (11, 15), 3: (12, 17), 4: (13, 19), 5: (14, 21),
    6: (16, 26), 7: (18, 30), 8: (20, 36), 9: (23, 44), 10: (26, 56),
}  # fmt: skip

PROBES = 24

MAX_NODES = 64
MAX_SEARCH = 20_000


@dataclass(frozen=True, slots=True)
class Route:
    """A graph and one right path."""

    nodes: tuple[str, ...]
    weights: Weights
    edges: str
    solution: tuple[str, ...]


def spanning_path(masks: Sequence[int]) -> list[int]:
    """A path through all nodes, [] if there is none; NoPlan when the search takes too long.

    Depth first, the node with the fewest ways on first (Warnsdorff); a branch is cut when the nodes left are not all
    reachable or two of them are dead ends, and no set of visited nodes is left from one node twice.
    """
    start = len(masks)  # an extra node joined to all: the path begins anywhere
    full, left = (1 << start) - 1, MAX_SEARCH
    masks = [*(mask | 1 << start for mask in masks), full]
    failed: set[tuple[int, int]] = set()

    def search(path: list[int], free: int) -> list[int]:
        nonlocal left
        if not free:
            return path
        left -= 1
        if left < 0:
            raise NoPlan("the search for a path was given up")
        here = path[-1]
        if (here, free) in failed:
            return []
        if _possible(masks, here, free):
            steps = [i for i in range(start) if masks[here] & free & 1 << i]
            for step in sorted(steps, key=lambda i: ((masks[i] & free).bit_count(), i)):
                found = search([*path, step], free & ~(1 << step))
                if found:
                    return found
        failed.add((here, free))
        return []

    return search([start], full)[1:]


def _possible(masks: Sequence[int], here: int, free: int) -> bool:
    """Whether every free node can be reached from `here`, and at most one of them is a dead end."""
    seen = frontier = masks[here] & free
    while frontier:
        node = (frontier & -frontier).bit_length() - 1
        frontier &= frontier - 1
        more = masks[node] & free & ~seen
        seen |= more
        frontier |= more
    if seen != free:
        return False
    ends, rest, open_nodes = 0, free, free | 1 << here
    while rest:
        node = (rest & -rest).bit_length() - 1
        rest &= rest - 1
        ends += (masks[node] & open_nodes).bit_count() < 2
    return ends < 2


def _is_easy(masks: Sequence[int], rng: random.Random) -> bool:
    """Whether one of a few random walks visits every node."""
    around = [[i for i in range(len(masks)) if mask >> i & 1] for mask in masks]
    for _ in range(PROBES):
        here = rng.randrange(len(masks))
        free = (1 << len(masks)) - 1 ^ 1 << here
        while steps := [i for i in around[here] if free >> i & 1]:
            here = rng.choice(steps)
            free ^= 1 << here
        if not free:
            return True
    return False


class HamiltonianPath(ReasoningEnv[Route, tuple[str, ...]]):
    """Visit every node exactly once, beginning anywhere; 9 nodes and 12 edges at level 1, 26 and 56 at level 10.

    Every graph is made around a hidden path, and kept when 24 random walks get stuck; any right path is accepted. A
    walk that cannot go on ends the episode.
    """

    name = "hamiltonian_path"
    rules = (
        "Hamiltonian path: begin at any node, walk along edges and visit every node exactly once. Shown are the nodes "
        "visited so far in this order (- if none), behind | the nodes left, and behind the second | the edges."
    )
    action_rule = (
        "Write the next node, for example B; the first may be any. The walk ends when no node left can be reached."
    )
    answer_rule = "Answer with all nodes in the order of the path, for example A C B D."
    action_chars = 8
    answer_chars = 256

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, wanted = LEVELS[level]
        nodes = letters(count)
        while True:
            path = rng.sample(nodes, count)
            steps = [(min(u, v), max(u, v)) for u, v in pairwise(path)]
            edges = connected_edges(rng, nodes, wanted, all_pairs(nodes), steps) or []
            if not _is_easy(neighbour_masks(nodes, edges), rng):
                return {"nodes": nodes, "edges": edges}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Route:
        if set(payload) != {"nodes", "edges"}:
            raise ValueError('a hamiltonian_path payload is {"nodes", "edges"}')
        nodes, edges = read_graph(payload["nodes"], payload["edges"])
        if not 2 <= len(nodes) <= MAX_NODES:
            raise ValueError(f"there are 2 to {MAX_NODES} nodes")
        solution = spanning_path(neighbour_masks(list(nodes), edges))
        if not solution:
            raise ValueError("no path visits every node once")
        weights: Weights = {node: {} for node in nodes}
        for u, v in edges:
            weights[u][v] = weights[v][u] = 1
        text = " ".join(f"{u}-{v}" for u, v in edges)
        return Route(nodes, weights, text, tuple(nodes[i] for i in solution))

    @classmethod
    def _start(cls, instance: Route) -> tuple[str, ...]:
        return ()

    @classmethod
    def _observe(cls, instance: Route, state: tuple[str, ...]) -> str:
        left = " ".join([node for node in instance.nodes if node not in state])
        return f"{' '.join(state) or '-'} | {left} | {instance.edges}"

    @classmethod
    def _apply(cls, instance: Route, state: tuple[str, ...], action: str) -> tuple[str, ...]:
        if action not in instance.weights:
            raise IllegalAction(f"There is no node {shown(action)}.")
        if action in state:
            raise IllegalAction(f"{action} was visited already.")
        if state and action not in instance.weights[state[-1]]:
            raise IllegalAction(f"There is no edge from {state[-1]} to {action}.")
        return (*state, action)

    @classmethod
    def _done(cls, instance: Route, state: tuple[str, ...]) -> bool:
        return bool(state) and all(node in state for node in instance.weights[state[-1]])

    @classmethod
    def _answer(cls, instance: Route, state: tuple[str, ...], actions: Sequence[str]) -> str:
        return " ".join(state)

    @classmethod
    def _verify(cls, instance: Route, answer: str) -> Verdict:
        try:
            nodes, _ = walk(instance.weights, answer)
        except ValueError as error:
            return reject(str(error))
        if len(set(nodes)) < len(nodes):
            return reject("The path visits a node twice.", nodes)
        if len(nodes) < len(instance.nodes):
            return reject(f"The path visits {len(nodes)} of {len(instance.nodes)} nodes.", nodes)
        return accept(nodes)

    @classmethod
    def _solve(cls, instance: Route) -> Solution:
        return Solution(" ".join(instance.solution), list(instance.solution), optimal=True)

    @classmethod
    def _legal(cls, instance: Route, state: tuple[str, ...]) -> list[str]:
        return [
            node for node in instance.nodes if node not in state and (not state or node in instance.weights[state[-1]])
        ]

    @classmethod
    def _limit(cls, instance: Route) -> int:
        return len(instance.nodes) + cls.max_illegal
