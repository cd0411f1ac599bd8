"""Random graphs for environments, as lists of edges over named nodes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import combinations

from esreason.envs.search import NoPlan

Edge = tuple[str, str]


def letters(count: int) -> list[str]:
    """The first `count` (at most 26) capital letters."""
    return [chr(ord("A") + i) for i in range(count)]


def all_pairs(nodes: list[str]) -> list[Edge]:
    """Every pair of nodes, in order."""
    return list(combinations(nodes, 2))


def connected_edges(
    rng: random.Random, nodes: list[str], count: int, allowed: Iterable[Edge], start: Iterable[Edge] = ()
) -> list[list[str]] | None:
    """About `count` random edges out of `allowed` that join all nodes, and `start` among them, in order.

    First come edges that join parts (random Kruskal), then others. None when `allowed` does not join the nodes.
    """
    chosen = set(start)
    pool = [edge for edge in allowed if edge not in chosen]
    rng.shuffle(pool)
    part = {node: node for node in nodes}

    def root(node: str) -> str:
        while part[node] != node:
            part[node] = node = part[part[node]]
        return node

    parts = len(nodes)
    rest = []
    for edge in [*chosen, *pool] if start else pool:
        a, b = root(edge[0]), root(edge[1])
        if a != b:
            part[a] = b
            parts -= 1
            chosen.add(edge)
        elif edge not in chosen:
            rest.append(edge)
    if parts != 1:
        return None
    chosen.update(rest[: max(0, count - len(chosen))])
    return [list(edge) for edge in sorted(chosen)]


def neighbour_masks(nodes: list[str], edges: Iterable[Iterable[str]]) -> list[int]:
    """For each node the bit mask of its neighbours' positions."""
    where = {node: i for i, node in enumerate(nodes)}
    masks = [0] * len(nodes)
    for u, v in edges:
        masks[where[u]] |= 1 << where[v]
        masks[where[v]] |= 1 << where[u]
    return masks


def complement(masks: list[int]) -> list[int]:
    """The neighbour masks of the complement graph: its cliques are the independent sets."""
    full = (1 << len(masks)) - 1
    return [full & ~mask & ~(1 << i) for i, mask in enumerate(masks)]


def clique(masks: list[int], least: int = 1, budget: int = 10_000) -> list[int]:
    """A clique of `least` nodes or more: the first found; with `least` beyond the graph's size a largest one.

    Branch and bound with greedy colouring as the bound (Tomita & Seki 2003). [] when none has `least` nodes and
    `least` is at most the number of nodes. Raises NoPlan after `budget` nodes of the search.
    """
    count = len(masks)
    largest = least > count
    best: list[int] = []
    need = 1 if largest else least
    left = budget

    def search(chosen: list[int], candidates: int) -> bool:
        nonlocal best, need, left
        left -= 1
        if left < 0:
            raise NoPlan(f"the search was given up after {budget:,} nodes")
        if not candidates:
            if len(chosen) >= need:
                best, need = chosen, len(chosen) + 1
                return not largest
            return False
        if not largest and len(chosen) >= need:
            best = chosen
            return True
        for node, bound in reversed(_coloured(masks, candidates)):
            if len(chosen) + bound < need:
                return False
            if search([*chosen, node], candidates & masks[node]):
                return True
            candidates &= ~(1 << node)
        return False

    search([], (1 << count) - 1)
    return sorted(best)


def _coloured(masks: list[int], candidates: int) -> list[tuple[int, int]]:
    """The candidates with the number of colours that they and those before need at most, ascending."""
    order, colour = [], 0
    while candidates:
        colour += 1
        free = candidates
        while free:
            bit = free & -free
            node = bit.bit_length() - 1
            order.append((node, colour))
            candidates ^= bit
            free &= ~(bit | masks[node])
    return order
