"""A shortest way through a weighted graph.

An observation is `A>E 0 A-B:3 A-C:5 B-E:4` (here, target, length walked, edges); a right action is `B`.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.verifiers.graphs import Weights, read_weighted, walk

# nodes, edges, largest weight, fewest edges on a shortest way
LEVELS = {
    1: (5, 6, 9, 2), 2: (7, 10, 9, 3), 3: (7, 11, 9, 3), 4: (8, 13, 9, 3), 5: (9, 15, 20, 3),
    6: (10, 18, 20, 4), 7: (12, 22, 20, 4), 8: (14, 26, 50, 5), 9: (17, 32, 50, 5), 10: (20, 40, 99, 6),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Network:
    """A graph with the distance of every node to the target."""

    edges: tuple[tuple[str, str, int], ...]
    weights: Weights
    source: str
    target: str
    to_target: Mapping[str, int]


def distances(weights: Weights, target: str) -> dict[str, int]:
    """The length of a shortest way from every node that reaches the target (Dijkstra)."""
    best, queue = {target: 0}, [(0, target)]
    while queue:
        length, node = heapq.heappop(queue)
        if length == best[node]:
            for other, weight in weights[node].items():
                if length + weight < best.get(other, length + weight + 1):
                    best[other] = length + weight
                    heapq.heappush(queue, (length + weight, other))
    return best


class ShortestPath(ReasoningEnv[Network, tuple[str, int]]):
    """Walk from the source to the target by a way no longer than the shortest; 5 nodes at level 1, 20 at level 10.

    Every way of the shortest length is right. A walk ends at the target, or as soon as it is too long.
    """

    name = "shortest_path"
    rules = (
        "Shortest path: first comes the node where you are, > and the target, then the length walked so far, then the "
        "edges of the graph with their lengths, which can be walked both ways. Reach the target by a shortest way."
    )
    action_rule = "Write the next node, for example B. The walk ends at the target or when it is too long."
    answer_rule = "Answer with the nodes of the whole path from the source to the target, for example A B E."
    action_chars = 8
    answer_chars = 512

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, edges, heaviest, hops = LEVELS[level]
        nodes = [chr(ord("A") + i) for i in range(count)]
        pairs = [(u, v) for i, u in enumerate(nodes) for v in nodes[i + 1 :]]
        while True:
            chosen = sorted(rng.sample(pairs, edges))
            weighted = [[u, v, rng.randint(1, heaviest)] for u, v in chosen]
            source, target = rng.sample(nodes, 2)
            payload = {"nodes": nodes, "edges": weighted, "source": source, "target": target}
            try:
                network = cls._parse(payload)
            except ValueError:  # the target cannot be reached
                continue
            if len(_route(network)) > hops:
                return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Network:
        if set(payload) != {"nodes", "edges", "source", "target"}:
            raise ValueError('a shortest_path payload is {"nodes", "edges", "source", "target"}')
        edges, weights = read_weighted(payload["nodes"], payload["edges"])
        source, target = payload["source"], payload["target"]
        if not isinstance(source, str) or not isinstance(target, str) or {source, target} - set(weights):
            raise ValueError("source and target are nodes")
        to_target = distances(weights, target)
        if source == target or source not in to_target:
            raise ValueError("the target is another node that can be reached from the source")
        return Network(edges, weights, source, target, to_target)

    @classmethod
    def _start(cls, instance: Network) -> tuple[str, int]:
        return instance.source, 0

    @classmethod
    def _observe(cls, instance: Network, state: tuple[str, int]) -> str:
        edges = " ".join(f"{u}-{v}:{w}" for u, v, w in instance.edges)
        return f"{state[0]}>{instance.target} {state[1]} {edges}"

    @classmethod
    def _apply(cls, instance: Network, state: tuple[str, int], action: str) -> tuple[str, int]:
        here, length = state
        weight = instance.weights[here].get(action)
        if weight is None:
            missing = f"edge from {here} to" if action in instance.weights else "node"
            raise IllegalAction(f"There is no {missing} {shown(action)}.")
        return action, length + weight

    @classmethod
    def _done(cls, instance: Network, state: tuple[str, int]) -> bool:
        return state[0] == instance.target or state[1] > instance.to_target[instance.source]

    @classmethod
    def _answer(cls, instance: Network, state: tuple[str, int], actions: Sequence[str]) -> str:
        return " ".join((instance.source, *actions))

    @classmethod
    def _verify(cls, instance: Network, answer: str) -> Verdict:
        try:
            nodes, length = walk(instance.weights, answer)
        except ValueError as error:
            return reject(str(error))
        if nodes[0] != instance.source or nodes[-1] != instance.target:
            return reject(f"The path does not lead from {instance.source} to {instance.target}.", nodes)
        best = instance.to_target[instance.source]
        if length > best:
            return reject(f"The path has length {length}; there is one of length {best}.", nodes)
        return accept(nodes, f"No path is shorter than {length}.")

    @classmethod
    def _solve(cls, instance: Network) -> Solution:
        nodes = _route(instance)
        return Solution(" ".join(nodes), nodes[1:], optimal=True)

    @classmethod
    def _legal(cls, instance: Network, state: tuple[str, int]) -> list[str]:
        return sorted(instance.weights[state[0]])

    @classmethod
    def _limit(cls, instance: Network) -> int:
        return 2 * len(instance.weights)


def _route(network: Network) -> list[str]:
    """The shortest way with the fewest edges, the first in the alphabet among these."""
    weights, to_target, target = network.weights, network.to_target, network.target
    paths = [[network.source]]
    while all(path[-1] != target for path in paths):
        grown: dict[str, list[str]] = {}
        for path in paths:
            here = path[-1]
            for other in sorted(weights[here]):
                if other in to_target and weights[here][other] + to_target[other] == to_target[here]:
                    grown.setdefault(other, [*path, other])
        paths = list(grown.values())
    return next(path for path in paths if path[-1] == target)
