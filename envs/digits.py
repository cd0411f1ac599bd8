"""Exact search for puzzles that put numbers into cells: all different, given sums, given orders."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import combinations

BUDGET = 1_000
"""Branches tried before a search is given up."""

SHORT = 12
"""The same for a search made while a puzzle is generated."""

Cells = tuple[int, ...]
Narrow = Callable[[list[int], Cells, int], list[int] | None]


class Digits:
    """Cells and the rules between them; what is possible in a cell is a mask with bit v for the number v.

    `different`: cells that hold different numbers; `cages`: different numbers from 1 to 9 with a given sum;
    `sums`: any numbers with a given sum; `less`: pairs, the first smaller than the second.
    Settling applies each rule by itself until nothing changes.
    """

    __slots__ = ("rules", "touch")

    def __init__(
        self,
        count: int,
        top: int,
        different: Iterable[Sequence[int]] = (),
        cages: Iterable[tuple[Sequence[int], int]] = (),
        sums: Iterable[tuple[Sequence[int], int]] = (),
        less: Iterable[tuple[int, int]] = (),
    ) -> None:
        every = (2 << top) - 2
        self.rules: list[tuple[Narrow, Cells, int]] = []
        self.rules += [(_different, tuple(cells), every if len(cells) == top else 0) for cells in different]
        for cells, total in cages:
            self.rules += [(_cage, tuple(cells), total), (_different, tuple(cells), 0)]
        self.rules += [(_sum, tuple(cells), total) for cells, total in sums]
        self.rules += [(_less, pair, 0) for pair in less]
        self.touch = [0] * count
        for number, (_, cells, _) in enumerate(self.rules):
            for cell in cells:
                self.touch[cell] |= 1 << number

    def settle(self, domains: list[int], todo: int | None = None) -> bool:
        """Narrow the domains in place, from the rules in the set `todo` on (default: all); False if one is empty."""
        rules, touch = self.rules, self.touch
        if todo is None:
            todo = (1 << len(rules)) - 1
        while todo:
            low = todo & -todo
            todo ^= low
            narrow, cells, number = rules[low.bit_length() - 1]
            changed = narrow(domains, cells, number)
            if changed is None:
                return False
            for cell in changed:
                todo |= touch[cell]
        return True

    def solutions(
        self, domains: Sequence[int], limit: int, rng: random.Random | None = None, budget: int = BUDGET
    ) -> list[list[int]]:
        """Up to `limit` solutions (numbers tried in random order with rng); ValueError after `budget` branches."""
        found: list[list[int]] = []
        stack: list[tuple[list[int], int]] = [(list(domains), (1 << len(self.rules)) - 1)]
        while stack:
            domains, todo = stack.pop()
            if not self.settle(domains, todo):
                continue
            size, cell = min(((d.bit_count(), c) for c, d in enumerate(domains) if d & (d - 1)), default=(0, 0))
            if not size:
                found.append([d.bit_length() - 1 for d in domains])
                if len(found) >= limit:
                    break
                continue
            budget -= 1
            if budget < 0:
                raise ValueError("the puzzle needs too long a search")
            stack += [(_with(domains, cell, bit), self.touch[cell]) for bit in _values(domains[cell], rng)]
        return found


def _with(domains: list[int], cell: int, bit: int) -> list[int]:
    twin = domains.copy()
    twin[cell] = bit
    return twin


def _values(mask: int, rng: random.Random | None) -> list[int]:
    """The bits of a mask, highest first (the last is tried first)."""
    bits = [1 << v for v in range(mask.bit_length() - 1, -1, -1) if mask >> v & 1]
    if rng is not None:
        rng.shuffle(bits)
    return bits


def _different(domains: list[int], cells: Cells, every: int) -> list[int] | None:
    """Decided numbers are nowhere else; with `every`, a number that fits in one cell only is there."""
    once = twice = fixed = 0
    for cell in cells:
        domain = domains[cell]
        twice |= once & domain
        once |= domain
        if not domain & (domain - 1):
            if not domain or domain & fixed:
                return None
            fixed |= domain
    if every and once != every:
        return None
    lone = once & ~twice & ~fixed if every else 0
    changed: list[int] = []
    if once == fixed:
        return changed
    for cell in cells:
        domain = domains[cell]
        if domain & (domain - 1):
            left = domain & ~fixed
            if left & lone:
                left &= lone
            if left != domain:
                if not left:
                    return None
                domains[cell] = left
                changed.append(cell)
    return changed


def _cage(domains: list[int], cells: Cells, total: int) -> list[int] | None:
    """A number stays if a set of different numbers with the sum holds it and meets every cell."""
    held = [domains[cell] for cell in cells]
    allowed = union = 0
    for domain in held:
        union |= domain
    for numbers in cage_sets(len(cells), total):
        if numbers & ~union:
            continue
        for domain in held:
            if not domain & numbers:
                break
        else:
            allowed |= numbers
    if len(cells) == 2:
        first, second = _mirror(held[1], total), _mirror(held[0], total)
        return _keep(domains, cells[:1], first & allowed, _keep(domains, cells[1:], second & allowed, []))
    return _keep(domains, cells, allowed, [])


def _keep(domains: list[int], cells: Cells, allowed: int, changed: list[int] | None) -> list[int] | None:
    if changed is None:
        return None
    for cell in cells:
        domain = domains[cell]
        if domain & ~allowed:
            domains[cell] = domain & allowed
            if not domain & allowed:
                return None
            changed.append(cell)
    return changed


@cache
def _mirror(mask: int, total: int) -> int:
    """The numbers that go with one of the mask to the total."""
    return sum(1 << total - v for v in range(1, 10) if mask >> v & 1 and 1 <= total - v <= 9)


@cache
def cage_sets(length: int, total: int) -> tuple[int, ...]:
    """Every set of `length` different numbers from 1 to 9 with this sum, as masks."""
    sets = combinations(range(1, 10), length)
    return tuple(sum(1 << v for v in numbers) for numbers in sets if sum(numbers) == total)


def _sum(domains: list[int], cells: Cells, total: int) -> list[int] | None:
    """A number stays if the smallest and the largest of the others leave room for it."""
    low = high = 0
    for cell in cells:
        domain = domains[cell]
        low += (domain & -domain).bit_length() - 1
        high += domain.bit_length() - 1
    if not low <= total <= high:
        return None
    changed = []
    for cell in cells:
        domain = domains[cell]
        if domain & (domain - 1):
            top = (domain & -domain).bit_length() - 1 + total - low
            bottom = max(domain.bit_length() - 1 - high + total, 0)
            left = (domain & (2 << top) - 1) >> bottom << bottom
            if left != domain:
                if not left:
                    return None
                domains[cell] = left
                changed.append(cell)
    return changed


def _less(domains: list[int], cells: Cells, number: int) -> list[int] | None:
    small, large = cells
    first, second = domains[small], domains[large]
    left = first & (1 << second.bit_length() - 1) - 1
    least = (first & -first).bit_length()
    right = second >> least << least
    if not left or not right:
        return None
    domains[small], domains[large] = left, right
    return [cell for cell, old, new in ((small, first, left), (large, second, right)) if old != new]


def givens_for(
    rng: random.Random, model: Digits, solution: Sequence[int], top: int, blanks: int, guesses: int
) -> set[int]:
    """Cells that must be given so that the solution is the only one, at least all but `blanks`.

    Random open cells are given until settling alone finds the solution, which proves it the only one. Then up to
    `guesses` of them are tried without, each proved by counting to two, so that one-step arguments no longer do.
    """
    every = (2 << top) - 2
    domains, order, given = [every] * len(solution), list(range(len(solution))), []
    rng.shuffle(order)
    model.settle(domains)
    for cell in order:
        if domains[cell] & (domains[cell] - 1):
            domains[cell] = 1 << solution[cell]
            given.append(cell)
            model.settle(domains, model.touch[cell])
    missing = len(solution) - len(given) - blanks
    if missing > 0:
        return {*given, *[cell for cell in order if cell not in given][:missing]}
    kept = set(given)
    for cell in given[: min(guesses, -missing)]:
        kept.discard(cell)
        if not only_one(model, [1 << v if i in kept else every for i, v in enumerate(solution)]):
            kept.add(cell)
    return kept


def only_one(model: Digits, domains: list[int]) -> bool:
    """Whether exactly one solution is left and the search for a second is short."""
    try:
        return len(model.solutions(domains, 2, budget=SHORT)) == 1
    except ValueError:
        return False


def latin_square(rng: random.Random, size: int) -> list[int]:
    """A random square, row by row, whose rows and columns hold each number from 1 to `size` once.

    Rows are drawn one after the other as matchings of columns and the numbers they miss; by Hall's theorem every
    Latin rectangle has a next row, so no draw is in vain.
    """
    missing = [list(range(1, size + 1)) for _ in range(size)]
    square = []
    for _ in range(size):
        row: dict[int, int] = {}
        for column in rng.sample(range(size), size):
            rng.shuffle(missing[column])
            _place(column, missing, row, set())
        columns = {column: number for number, column in row.items()}
        square += [columns[column] for column in range(size)]
        for number, column in row.items():
            missing[column].remove(number)
    return square


def _place(column: int, missing: list[list[int]], row: dict[int, int], tried: set[int]) -> bool:
    """Give a column a number of the row, moving other columns to others of theirs where need be."""
    for number in missing[column]:
        if number not in tried:
            tried.add(number)
            if number not in row or _place(row[number], missing, row, tried):
                row[number] = column
                return True
    return False


def latin_lines(size: int) -> list[range]:
    """The rows and the columns of a square as cells."""
    rows = [range(r * size, r * size + size) for r in range(size)]
    return rows + [range(c, size * size, size) for c in range(size)]
