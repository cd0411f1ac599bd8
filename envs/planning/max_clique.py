"""A largest set of nodes that are all joined to each other.

An observation is `clique of 4: A C | A-B A-C A-D B-C C-D` (size, nodes picked, edges); a right action is `D`.
"""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

from esreason.envs.graphs import all_pairs, clique, connected_edges, letters, neighbour_masks
from esreason.envs.node_set import NodeSetEnv, PickGraph

# nodes, edges, size of the planted clique
LEVELS = {
    1: (8, 15, 4), 2: (9, 18, 4), 3: (10, 21, 4), 4: (11, 27, 5), 5: (12, 31, 5),
    6: (13, 36, 5), 7: (15, 48, 6), 8: (17, 60, 6), 9: (19, 80, 7), 10: (22, 110, 8),
}  # fmt: skip


class MaxClique(NodeSetEnv):
    """Pick a largest clique: 4 of 8 nodes at level 1, at least 8 of 22 nodes with 110 edges at level 10.

    The stated size is the graph's clique number, proved by branch and bound; every clique of that size is right.
    """

    name = "max_clique"
    rules = (
        "Clique: pick nodes of which every two are joined by an edge. Shown are how many nodes to pick, those picked "
        "so far (- if none), and behind | the edges of the graph."
    )
    answer_rule = "Answer with the nodes of the clique, for example A C D."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, wanted, planted = LEVELS[level]
        nodes = letters(count)
        inside = combinations(sorted(rng.sample(nodes, planted)), 2)
        edges = connected_edges(rng, nodes, wanted, all_pairs(nodes), inside)
        size = len(clique(neighbour_masks(nodes, edges or ()), count + 1))
        return {"nodes": nodes, "edges": edges, "size": size}

    @classmethod
    def _found(cls, masks: list[int], size: int) -> list[int]:
        return clique(masks, size)

    @classmethod
    def _problem(cls, instance: PickGraph, picked: int) -> str | None:
        count = picked.bit_count()
        if count < instance.size:
            return f"{count} nodes are picked; {instance.size} are wanted."
        for place, mask in enumerate(instance.masks):
            strangers = picked & ~mask & ~(1 << place) if picked >> place & 1 else 0
            if strangers:
                other = instance.nodes[strangers.bit_length() - 1]
                return f"{instance.nodes[place]} and {other} are not joined."
        return None

    @classmethod
    def _observe(cls, instance: PickGraph, state: int) -> str:
        return f"clique of {instance.size}: {cls._picked(instance, state)} | {instance.edges}"
