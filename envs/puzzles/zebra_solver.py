"""Houses in a row and clues about them: propagation over bit masks, search, and puzzles made clue by clue."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from functools import cache

Clue = tuple[str, int, int]
"""Kind, a value, and another value (for the kinds `at` and `off`: a house, from 1)."""

UNARY = ("at", "off")
HOLDS: dict[str, Callable[[int, int], bool]] = {
    "at": lambda a, house: a == house,
    "off": lambda a, house: a != house,
    "same": lambda a, b: a == b,
    "apart": lambda a, b: a != b,
    "just_left": lambda a, b: a + 1 == b,
    "next": lambda a, b: abs(a - b) == 1,
    "left": lambda a, b: a < b,
    "gap": lambda a, b: abs(a - b) == 2,
}
"""Whether a clue holds for the houses of its two values (from 1)."""

MAX_NODES = 3_000


@cache
def _images(houses: int, kind: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """For each set of houses of the first value those that the second can have, and the other way round."""
    holds = HOLDS[kind]
    pairs = [(a, b) for a in range(houses) for b in range(houses) if holds(a + 1, b + 1)]
    forth = tuple(sum({1 << b for a, b in pairs if mask >> a & 1}) for mask in range(1 << houses))
    back = tuple(sum({1 << a for a, b in pairs if mask >> b & 1}) for mask in range(1 << houses))
    return forth, back


def revise(domains: list[int], houses: int, clue: Clue) -> bool:
    """Narrow the domains of one clue's values in place; whether anything changed."""
    kind, a, b = clue
    before = domains[a]
    if kind in UNARY:
        bit = 1 << b - 1
        domains[a] &= bit if kind == "at" else ~bit
        return domains[a] != before
    forth, back = _images(houses, kind)
    other = domains[b]
    domains[a] = now = before & back[other]
    domains[b] = other & forth[now]
    return now != before or domains[b] != other


def propagate(domains: list[int], houses: int, clues: Iterable[Clue]) -> bool:
    """Narrow the domains in place as far as single clues and rows of distinct values do; False if one is empty."""
    rules = [(a, b, *_images(houses, kind)) for kind, a, b in clues if kind not in UNARY]
    for clue in clues:
        if clue[0] in UNARY:
            revise(domains, houses, clue)
    changed = True
    while changed:
        changed = False
        for a, b, forth, back in rules:
            one, two = domains[a], domains[b]
            now = one & back[two]
            then = two & forth[now]
            if now != one or then != two:
                domains[a], domains[b] = now, then
                changed = True
        for start in range(0, len(domains), houses):
            row = domains[start : start + houses]
            new = _distinct(row)
            if new is None:
                return False
            if new != row:
                domains[start : start + houses] = new
                changed = True
    return True


def _distinct(row: list[int]) -> list[int] | None:
    """A row of domains after settled houses are struck out elsewhere and houses with one place are settled."""
    settled = once = twice = 0
    for mask in row:
        if not mask & (mask - 1):
            if not mask or settled & mask:
                return None
            settled |= mask
        twice |= once & mask
        once |= mask
    if once != (1 << len(row)) - 1:
        return None
    once &= ~twice & ~settled
    out = []
    for mask in row:
        if mask & (mask - 1):
            mask &= ~settled
            if mask & once:
                mask &= once
            if not mask:
                return None
        out.append(mask)
    return out


def solutions(houses: int, values: int, clues: Sequence[Clue], limit: int) -> list[list[int]]:
    """Up to `limit` solutions, each the house (from 1) of every value; ValueError beyond MAX_NODES search nodes."""
    found: list[list[int]] = []
    stack = [[(1 << houses) - 1] * values]
    nodes = 0
    while stack and len(found) < limit:
        domains = stack.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise ValueError("the clues are too weak or too tangled to be solved here")
        if not propagate(domains, houses, clues):
            continue
        open_values = [(mask.bit_count(), value) for value, mask in enumerate(domains) if mask & (mask - 1)]
        if not open_values:
            found.append([mask.bit_length() for mask in domains])
            continue
        value = min(open_values)[1]
        for house in range(houses):
            if domains[value] >> house & 1:
                stack.append([*domains[:value], 1 << house, *domains[value + 1 :]])
    return found


def is_unique(houses: int, values: int, clues: Sequence[Clue]) -> bool:
    """Whether there is exactly one solution, and the search for a second stays within bounds."""
    try:
        return len(solutions(houses, values, clues, 2)) == 1
    except ValueError:  # too long a search
        return False


def _settles(houses: int, values: int, clues: Sequence[Clue]) -> bool:
    domains = [(1 << houses) - 1] * values
    return propagate(domains, houses, clues) and all(not mask & (mask - 1) for mask in domains)


def clues_for(rng: random.Random, where: Sequence[int], houses: int, kinds: Sequence[str], tries: int) -> list[Clue]:
    """Clues that only the houses `where` fit.

    True clues are drawn until propagation settles every value; then each is dropped that is not needed for that, and
    of `tries` random ones also those without which the solution is still the only one.
    """
    domains = [(1 << houses) - 1] * len(where)
    clues: list[Clue] = []
    while any(mask & (mask - 1) for mask in domains):
        clue = _draw(rng, where, houses, kinds)
        if revise(domains, houses, clue):
            clues.append(clue)
            propagate(domains, houses, clues)
    rng.shuffle(clues)
    for clue in list(clues):
        rest = [c for c in clues if c is not clue]
        if _settles(houses, len(where), rest):
            clues = rest
    for clue in clues[:tries]:
        rest = [c for c in clues if c is not clue]
        if is_unique(houses, len(where), rest):
            clues = rest
    return clues


def _draw(rng: random.Random, where: Sequence[int], houses: int, kinds: Sequence[str]) -> Clue:
    """A random true clue: a kind, then values that it holds for."""
    while True:
        kind = rng.choice(kinds)
        a = rng.randrange(len(where))
        b = rng.randrange(houses) + 1 if kind in UNARY else rng.randrange(len(where))
        other = b if kind in UNARY else where[b]
        if HOLDS[kind](where[a], other) and not (kind in ("same", "apart") and a // houses == b // houses):
            return kind, a, b
