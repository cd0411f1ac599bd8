"""A smallest set of nodes that touches every edge.

An observation is `pick 4: - | A-B A-D B-C C-E D-E` (how many, those picked, edges); a right action is `B`.
"""

from __future__ import annotations

import random
from typing import Any

from esreason.envs.graphs import all_pairs, clique, complement, connected_edges, letters, neighbour_masks
from esreason.envs.node_set import NodeSetEnv, PickGraph

# nodes, edges, fewest nodes of a smallest cover
LEVELS = {
    1: (8, 13, 4), 2: (10, 17, 5), 3: (11, 19, 6), 4: (11, 20, 6), 5: (12, 22, 6),
    6: (13, 25, 7), 7: (15, 29, 8), 8: (17, 34, 9), 9: (19, 40, 10), 10: (22, 48, 12),
}  # fmt: skip


class VertexCover(NodeSetEnv):
    """Pick nodes that touch every edge, as few as possible; 8 nodes and 13 edges at level 1, 22 and 48 at level 10.

    The stated number is that of a smallest cover, proved by branch and bound (the rest is a largest independent
    set); every cover of that size is right.
    """

    name = "vertex_cover"
    rules = (
        "Vertex cover: pick nodes so that every edge has at least one picked end. Shown are how many nodes may be "
        "picked at most, those picked so far (- if none), and behind | the edges of the graph."
    )
    answer_rule = "Answer with the picked nodes, for example B C E."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, wanted, fewest = LEVELS[level]
        nodes = letters(count)
        while True:
            edges = connected_edges(rng, nodes, wanted, all_pairs(nodes))
            masks = complement(neighbour_masks(nodes, edges or ()))
            size = count - len(clique(masks, count + 1))
            if edges and size >= fewest:
                return {"nodes": nodes, "edges": edges, "size": size}

    @classmethod
    def _found(cls, masks: list[int], size: int) -> list[int]:
        apart = clique(complement(masks), max(1, len(masks) - size))
        rest = [i for i in range(len(masks)) if i not in apart]
        return rest or [0] if apart else []  # without edges the empty set covers: one node makes an answer

    @classmethod
    def _problem(cls, instance: PickGraph, picked: int) -> str | None:
        count = picked.bit_count()
        if not count:
            return "No node is picked."
        if count > instance.size:
            return f"{count} nodes are picked; {instance.size} are allowed."
        for u, v in instance.pairs:
            if not (picked >> u | picked >> v) & 1:
                return f"The edge {instance.nodes[u]}-{instance.nodes[v]} is not covered."
        return None

    @classmethod
    def _tight(cls, instance: PickGraph) -> bool:
        apart = len(clique(complement(list(instance.masks)), len(instance.masks) + 1))
        return len(instance.solution) == max(1, len(instance.masks) - apart)

    @classmethod
    def _observe(cls, instance: PickGraph, state: int) -> str:
        return f"pick {instance.size}: {cls._picked(instance, state)} | {instance.edges}"
