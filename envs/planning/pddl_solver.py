"""Planning over bit masks and numbers: exact for a shortest or cheapest plan, else greedy with the FF heuristic."""

from __future__ import annotations

import heapq
from collections import deque

from esreason.core.plan import MAX_MOVES
from esreason.envs.search import NoPlan
from esreason.verifiers.plans import Operator, Plannable, State, attempted, holds, price, successor, weight

BLIND_WORK = 1_500_000
"""Conditions tried and states made (4 each) by the breadth-first search: about a tenth of a second."""
GREEDY_WORK = 1_500_000
"""Conditions tried, states made and parts of relaxed operators looked at by a greedy search: about a quarter."""
WASTE_WORK = 1_000_000
"""Conditions tried while a plan is shortened."""
ARITHMETIC = 15
"""Conditions that are tried in the time of one number or operation."""
MEMORY = 100_000_000
"""Bytes that the states of a search may take, about."""
WEIGHTS = (2, 1_000)
"""How much more than the steps so far the estimate counts; the second search is for what the first does not finish."""


Came = dict[State, tuple[State, Operator] | None]
"""How each state was reached."""


class GaveUp(NoPlan):
    """The work was spent before a plan was found."""

    def __init__(self) -> None:
        super().__init__("no plan was found within the bounds of the search")


def plan(task: Plannable, steps: int = MAX_MOVES) -> tuple[list[str], bool]:
    """The names of a plan's operators, and whether no plan is better: shorter, or cheaper where actions have costs.

    A cheapest plan counts only if it has at most so many steps. Raises NoPlan, GaveUp where there may be one.
    """
    operators = [op for op in task.operators.values() if op.add or op.delete or op.conditional or op.steps]
    cheapest = _cheapest(task, operators) if task.scale else None
    if cheapest is not None and len(cheapest) <= steps:
        return [op.name for op in cheapest], True
    shortest = _breadth_first(task, operators)
    if shortest is not None:
        return [op.name for op in shortest], not task.scale
    found = None
    for factor in WEIGHTS:
        found = found or _greedy(task, operators, factor)
    if not found:
        raise GaveUp
    return [op.name for op in _without_waste(task, found)], False


def _breadth_first(task: Plannable, operators: list[Operator]) -> list[Operator] | None:
    """A shortest plan, None when the work is spent first."""
    came: Came = {task.start: None}
    queue = deque([task.start])
    left, most, effort, price = BLIND_WORK, _most_states(task), _effort(operators), 4 + weight(task.goal)
    while queue:
        state = queue.popleft()
        bits = state[0]
        left -= effort
        if left < price * len(came) or len(came) > most:
            return None
        for op in operators:
            yes, no, clauses = op.condition
            if bits & yes != yes or bits & no or (clauses and not holds(op.condition, bits)):
                continue
            left -= ARITHMETIC * op.effort
            other = attempted(op, state) if op.steps else successor(op, state)
            if other is not None and other not in came:
                came[other] = (state, op)
                if holds(task.goal, other[0]):
                    return _trace(came, other)
                queue.append(other)
    raise NoPlan("the task has no solution")


def _cheapest(task: Plannable, operators: list[Operator]) -> list[Operator] | None:
    """A cheapest plan (Dijkstra 1959), a shortest one of these; None when the work is spent first."""
    came: Came = {task.start: None}
    best, queue, closed, serial = {task.start: (0, 0)}, [(0, 0, 0, task.start)], set[State](), 0
    left, most, effort, each = BLIND_WORK, _most_states(task), _effort(operators), 4 + weight(task.goal)
    while queue:
        cost, depth, _, state = heapq.heappop(queue)
        if state in closed:
            continue
        if holds(task.goal, state[0]):
            return _trace(came, state)
        closed.add(state)
        left -= effort
        if left < each * serial or len(came) > most:
            return None
        for op in operators:
            other = attempted(op, state)
            if other is None:
                continue
            left -= ARITHMETIC * op.effort
            key = cost + price(op, state[0]), depth + 1
            if other not in best or key < best[other]:
                best[other], came[other] = key, (state, op)
                serial += 1
                heapq.heappush(queue, (*key, serial, other))
    raise NoPlan("the task has no solution")


def _greedy(task: Plannable, operators: list[Operator], factor: int) -> list[Operator] | None:
    """A plan by best-first search, first where a relaxed plan leads; None when the work is spent first."""
    relaxed = Relaxed(task, operators)
    came: Came = {task.start: None}
    depth = {task.start: 0}
    helpful: list[tuple[int, int, State]] = []
    others: list[tuple[int, int, State]] = []
    heapq.heappush(others, (0, 0, task.start))
    opened: set[State] = set()
    serial, turns, best = 0, 0, 1 << 30
    left, most = GREEDY_WORK, _most_states(task)
    effort, price = relaxed.size + _effort(operators) // 4, 2 + weight(task.goal)
    while helpful or others:
        turns += 1
        queue = helpful if helpful and (turns < 0 or turns % 2 or not others) else others
        _, _, state = heapq.heappop(queue)
        if state in opened:
            continue
        opened.add(state)
        left -= effort
        if left < price * len(came) or len(came) > most:
            return None
        estimate = relaxed.estimate(state[0])
        if estimate is None:
            continue
        rest, wanted = estimate
        if rest < best:
            best, turns = rest, -50  # progress: follow the helpful operators for a while
        for op in operators:
            other = attempted(op, state)
            left -= ARITHMETIC * op.effort if other is not None else 0
            if other is None or other in came:
                continue
            came[other] = (state, op)
            depth[other] = depth[state] + 1
            if holds(task.goal, other[0]):
                return _trace(came, other)
            serial += 1
            key = factor * rest + depth[other]
            heapq.heappush(helpful if op.name in wanted else others, (key, -serial, other))
    raise NoPlan("the task has no solution")


def _effort(operators: list[Operator]) -> int:
    """The conditions that are tried when each operator is."""
    parts = [(op.condition, *(w for w, _, _ in op.conditional), *(w for w, _ in op.costs)) for op in operators]
    return sum(1 + weight(part) for conditions in parts for part in conditions)


def _most_states(task: Plannable) -> int:
    """The number of states that fit into the memory of a search."""
    return MEMORY // (300 + len(task.facts) // 8 + 50 * len(task.numbers))


def _without_waste(task: Plannable, steps: list[Operator]) -> list[Operator]:
    """The plan without operators that it reaches the goal without (each is tried with those that then fail)."""
    index, left = 0, WASTE_WORK // max(1, _effort(steps) + ARITHMETIC * sum(op.effort for op in steps))
    while index < min(left, len(steps)):
        state = task.start
        for op in steps[:index]:
            state = successor(op, state)
        kept = steps[:index]
        for op in steps[index + 1 :]:
            other = attempted(op, state)
            if other is not None:
                state = other
                kept.append(op)
        if holds(task.goal, state[0]):
            steps = kept
        else:
            index += 1
    state = task.start
    for index, op in enumerate(steps, 1):
        state = successor(op, state)
        if holds(task.goal, state[0]):
            return steps[:index]
    return steps


def _trace(came: Came, state: State) -> list[Operator]:
    steps = []
    while step := came[state]:
        state, op = step
        steps.append(op)
    return steps[::-1]


class Relaxed:
    """The task without deletes, negative conditions and alternatives (Hoffmann & Nebel 2001).

    Whatever it cannot reach cannot be reached; the length of its plans estimates that of real ones. A change of a
    number makes every comparison with that number true.
    """

    def __init__(self, task: Plannable, operators: list[Operator]) -> None:
        self.count = len(task.facts)
        self.goal = _bits(task.goal[0])
        self.names: list[str] = []
        self.adds: list[list[int]] = []
        self.needs: list[list[int]] = []
        self.users: list[list[int]] = [[] for _ in range(self.count)]
        for op in operators:
            parts = [(op.condition[0], op.add | op.tested)]
            parts += [(op.condition[0] | when[0], more) for when, more, _ in op.conditional if more]
            for need, add in parts:
                if add & ~need:
                    for bit in _bits(need):
                        self.users[bit].append(len(self.names))
                    self.names.append(op.name)
                    self.adds.append(_bits(add & ~need))
                    self.needs.append(_bits(need))
        self.free = [index for index, need in enumerate(self.needs) if not need]
        self.size = 1 + sum(map(len, self.adds)) + sum(map(len, self.needs))

    def estimate(self, state: int) -> tuple[int, set[str]] | None:
        """The length of a relaxed plan and the names of its operators, None if there is none."""
        cost: list[int | None] = [None] * self.count
        by = [-1] * self.count
        waiting = [len(need) for need in self.needs]
        total = [1] * len(self.names)
        queue = [(0, bit) for bit in _bits(state)]
        for _, bit in queue:
            cost[bit] = 0
        for index in self.free:
            self._reach(index, 1, cost, by, queue)
        heapq.heapify(queue)
        while queue:
            price, bit = heapq.heappop(queue)
            if price != cost[bit]:
                continue
            for index in self.users[bit]:
                waiting[index] -= 1
                total[index] += price
                if not waiting[index]:
                    self._reach(index, total[index], cost, by, queue)
        if any(cost[bit] is None for bit in self.goal):
            return None
        return self._extract(by)

    def _reach(
        self, index: int, price: int, cost: list[int | None], by: list[int], queue: list[tuple[int, int]]
    ) -> None:
        for bit in self.adds[index]:
            known = cost[bit]
            if known is None or price < known:
                cost[bit], by[bit] = price, index
                heapq.heappush(queue, (price, bit))

    def _extract(self, by: list[int]) -> tuple[int, set[str]]:
        """The operators that the goal needs, each fact by its cheapest one."""
        chosen: set[int] = set()
        stack = list(self.goal)
        seen = set(stack)
        while stack:
            index = by[stack.pop()]
            if index >= 0 and index not in chosen:
                chosen.add(index)
                for bit in self.needs[index]:
                    if bit not in seen:
                        seen.add(bit)
                        stack.append(bit)
        return len(chosen), {self.names[index] for index in chosen}


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        bit = mask & -mask
        found.append(bit.bit_length() - 1)
        mask ^= bit
    return found
