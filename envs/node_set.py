"""Environments in which some nodes of a graph are picked one by one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.graphs import neighbour_masks
from esreason.verifiers.graphs import read_graph, read_set

MAX_NODES = 64


@dataclass(frozen=True, slots=True)
class PickGraph:
    """A graph, the number of nodes to pick, and one right pick."""

    nodes: tuple[str, ...]
    places: Mapping[str, int]
    pairs: tuple[tuple[int, int], ...]
    masks: tuple[int, ...]
    edges: str
    size: int
    solution: tuple[int, ...]


class NodeSetEnv(ReasoningEnv[PickGraph, int]):
    """Pick nodes of a graph, each action names one; the episode ends when `size` are picked, or before by `_done`.

    The state is the bit mask of the picked nodes; a payload is {"nodes", "edges", "size"} with at most 64 nodes.
    Subclasses fill `_found` (the exact solver) and `_problem` (what is wrong with a set of nodes). A payload is
    accepted only when the solver finds a right set within its bound.
    """

    action_rule = "Write one node, for example B, to pick it for good."
    action_chars = 8
    answer_chars = 256

    @classmethod
    @abstractmethod
    def _found(cls, masks: list[int], size: int) -> list[int]:
        """A right set of nodes, [] if there is none; NoPlan when the search takes too long."""

    @classmethod
    @abstractmethod
    def _problem(cls, instance: PickGraph, picked: int) -> str | None:
        """One sentence on what is wrong with a set of nodes (a bit mask), None if nothing is."""

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> PickGraph:
        if set(payload) != {"nodes", "edges", "size"}:
            raise ValueError(f'a {cls.name} payload is {{"nodes", "edges", "size"}}')
        nodes, edges = read_graph(payload["nodes"], payload["edges"])
        size = payload["size"]
        if len(nodes) > MAX_NODES or type(size) is not int or not 1 <= size <= len(nodes):
            raise ValueError(f"the graph has at most {MAX_NODES} nodes, and size is from 1 to their number")
        masks = neighbour_masks(list(nodes), edges)
        solution = cls._found(masks, size)
        if not solution:
            raise ValueError("the task has no solution")
        places = {node: i for i, node in enumerate(nodes)}
        pairs = tuple((places[u], places[v]) for u, v in edges)
        text = " ".join(f"{u}-{v}" for u, v in edges)
        return PickGraph(nodes, places, pairs, tuple(masks), text, size, tuple(solution))

    @classmethod
    def _start(cls, instance: PickGraph) -> int:
        return 0

    @classmethod
    def _apply(cls, instance: PickGraph, state: int, action: str) -> int:
        place = instance.places.get(action)
        if place is None:
            raise IllegalAction(f"There is no node {shown(action)}.")
        if state >> place & 1:
            raise IllegalAction(f"{action} is picked already.")
        return state | 1 << place

    @classmethod
    def _done(cls, instance: PickGraph, state: int) -> bool:
        return state.bit_count() >= instance.size or cls._problem(instance, state) is None

    @classmethod
    def _verify(cls, instance: PickGraph, answer: str) -> Verdict:
        try:
            places = read_set(instance.places, answer)
        except ValueError as error:
            return reject(str(error))
        names = [instance.nodes[i] for i in places]
        problem = cls._problem(instance, sum(1 << i for i in places))
        return reject(problem, names) if problem else accept(names)

    @classmethod
    def _solve(cls, instance: PickGraph) -> Solution:
        names = cls._names(instance, instance.solution)
        return Solution(" ".join(names), names, optimal=cls._tight(instance))

    @classmethod
    def _tight(cls, instance: PickGraph) -> bool:
        """Whether no smaller set is right."""
        return True

    @classmethod
    def _names(cls, instance: PickGraph, places: Iterable[int]) -> list[str]:
        return [instance.nodes[i] for i in places]

    @classmethod
    def _picked(cls, instance: PickGraph, state: int) -> str:
        """The picked nodes as text, - if there are none."""
        return " ".join(cls._names(instance, (i for i in range(len(instance.nodes)) if state >> i & 1))) or "-"

    @classmethod
    def _legal(cls, instance: PickGraph, state: int) -> list[str]:
        return [node for i, node in enumerate(instance.nodes) if not state >> i & 1]

    @classmethod
    def _limit(cls, instance: PickGraph) -> int:
        return instance.size + cls.max_illegal
