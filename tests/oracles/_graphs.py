"""Graphs and lists of nodes, for the oracles of several environments."""

from __future__ import annotations

from typing import Any

import networkx as nx

Payload = dict[str, Any]


def graph_of(payload: Payload) -> nx.Graph:
    """The graph of a payload, with weights where edges have them."""
    graph = nx.Graph()
    graph.add_nodes_from(payload["nodes"])
    for edge in payload["edges"]:
        graph.add_edge(edge[0], edge[1], weight=edge[2] if len(edge) == 3 else 1)
    return graph


def listed(answer: str) -> list[str]:
    """The words between white space, commas and semicolons; brackets around the whole text do not count."""
    text = answer.strip()
    if text and text[0] in "[(" and text[-1] in ")]":
        text = text[1:-1]
    return text.replace(",", " ").replace(";", " ").split()
