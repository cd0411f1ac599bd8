"""Blocks world: shortest plans."""

from __future__ import annotations

from collections.abc import Mapping

from esreason.envs.search import astar

TABLE = "table"
Stacks = tuple[tuple[str, ...], ...]  # each from the bottom up


def below_of(stacks: Stacks) -> dict[str, str]:
    """What each block stands on."""
    return {block: stack[i - 1] if i else TABLE for stack in stacks for i, block in enumerate(stack)}


def estimate(stacks: Stacks, goal: Mapping[str, str]) -> int:
    """Moves that are needed at least.

    A block moves if it, or one under it, does not stand where it must; and it moves twice if under it is such a block
    that in the goal is under it too, since that one can only be placed between the two moves.
    """
    total = 0
    for stack in stacks:
        misplaced: set[str] = set()
        under = TABLE
        for block in stack:
            if misplaced or goal[block] != under:
                total += 1
                support = goal[block]
                while misplaced and support != TABLE:
                    if support in misplaced:
                        total += 1
                        break
                    support = goal[support]
                misplaced.add(block)
            under = block
    return total


def moved(stacks: Stacks, block: str, to: str) -> Stacks:
    """The stacks, in order, after the top block of one is put on another, or on the table."""
    result: list[tuple[str, ...]] = [(block,)] if to == TABLE else []
    for stack in stacks:
        top = stack[-1]
        if top == block:
            stack = stack[:-1]
        elif top == to:
            stack = (*stack, block)
        if stack:
            result.append(stack)
    result.sort()
    return tuple(result)


def shortest(start: Stacks, goal: Mapping[str, str], bound: int) -> list[tuple[str, str]]:
    """A plan with the fewest moves, as pairs (block, what it is put on). Raises NoPlan.

    A block that can be put where it finally stands is put there at once, and else blocks go to the table only: some
    shortest plan is of this kind (Gupta and Nau 1992), so the search branches only where all misplaced tops are stuck.
    """

    def moves(stacks: Stacks) -> list[tuple[tuple[str, str], Stacks, int]]:
        ready, stuck = {TABLE}, []
        for stack in stacks:
            if _in_place(stack, goal):
                ready.add(stack[-1])
            else:
                stuck.append(stack)
        for stack in stuck:
            top = stack[-1]
            if goal[top] in ready:
                return [((top, goal[top]), moved(stacks, top, goal[top]), 1)]
        return [((stack[-1], TABLE), moved(stacks, stack[-1], TABLE), 1) for stack in stuck if len(stack) > 1]

    return astar(start, moves, lambda s: estimate(s, goal) == 0, lambda s: estimate(s, goal), bound)


def _in_place(stack: tuple[str, ...], goal: Mapping[str, str]) -> bool:
    under = TABLE
    for block in stack:
        if goal[block] != under:
            return False
        under = block
    return True
