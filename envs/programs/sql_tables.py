"""Other rows for the same tables, chosen so that they tell a query from its near misses."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from esreason.verifiers.programs.queries import Database, QueryError, Reader, Row, image, same_rows

SHARES = (1, 0.5, 2, 1, 1.5, 3)
"""Numbers of rows of the first tables, beside those shown."""
SMALL, TRIES, MORE = (0.3, 0.4, 0.6), 40, 6
"""The same for tables looked for afterwards; how many are tried, and at most kept."""
MAX_MISSES, MAX_STEPS = 24, 10_000
"""Near misses looked at, and instructions that the query of a payload may take: they bound the search."""

_NUMBER = re.compile(r"\b[0-9]{1,6}\b")
_EXCHANGES = (
    (" > ", " >= "), (" < ", " <= "), (" >= ", " > "), (" <= ", " < "), (" > ", " < "), (" AND ", " OR "),
    (" OR ", " AND "), (" DESC", " ASC"), (" ASC", " DESC"), ("max(", "min("), ("min(", "max("), ("sum(", "avg("),
    ("avg(", "sum("), ("count(*)", "1"), ("NOT IN", "IN"),
)  # fmt: skip
_PARTS = (
    r" WHERE .*?(?= GROUP BY| ORDER BY|$|\))", r" LIMIT [0-9]+", r" ORDER BY [a-z]+( ASC| DESC)?", r" HAVING .*",
    r" AND [^()]*?(?= GROUP BY| ORDER BY|$|\))", r" OR [^()]*?(?= GROUP BY| ORDER BY|$)",
)  # fmt: skip


def near_misses(query: str) -> list[str]:
    """Queries that differ in one bound by one, one comparison or function, or lack one part."""
    found = dict[str, None]()
    for match in _NUMBER.finditer(query):
        for step in (-1, 1):
            found[f"{query[: match.start()]}{int(match[0]) + step}{query[match.end() :]}"] = None
    for old, new in _EXCHANGES:
        for match in re.finditer(re.escape(old), query):
            found[query[: match.start()] + new + query[match.end() :]] = None
    for part in _PARTS:
        for match in re.finditer(part, query):
            found[query[: match.start()] + query[match.end() :]] = None
    found.pop(query, None)
    return list(found)[:MAX_MISSES]


def telling(rng: random.Random, shown: Database, query: str, ordered: bool) -> Iterator[bytes]:
    """The tables shown and others of their form, as images.

    Some are dealt at random; as long as there are near misses of the query that give the same rows in all of them,
    small ones are looked for in which they do not. Raises QueryError where the query cannot be executed.
    """
    bounds = [int(digits) for digits in _NUMBER.findall(query)]
    images = [image(shown)]
    yield images[0]
    for share in SHARES:
        images.append(image(dealt(rng, shown, bounds, share)))
        yield images[-1]
    with closing(Reader(shown)) as reader:
        alive = near_misses(query)
        for data in images:
            alive = _alike(reader, data, query, alive, ordered)
        kept = 0
        for number in range(TRIES):
            if not alive or kept == MORE:
                break
            other = image(dealt(rng, shown, bounds, SMALL[number % len(SMALL)]))
            left = _alike(reader, other, query, alive, ordered)
            if len(left) < len(alive):
                yield other
                alive, kept = left, kept + 1


def _alike(reader: Reader, data: bytes, query: str, others: Sequence[str], ordered: bool) -> list[str]:
    """Those other queries that give the same rows as the query in a database."""
    reader.load(data)
    expected = reader.rows(query, MAX_STEPS)
    return [other for other in others if _same(reader, other, expected, ordered)]


def _same(reader: Reader, query: str, expected: Sequence[Row], ordered: bool) -> bool:
    try:
        return same_rows(reader.rows(query, MAX_STEPS), expected, ordered)
    except QueryError:
        return False


def dealt(rng: random.Random, database: Database, bounds: Sequence[int], share: float) -> Database:
    """Tables of the same form with `share` times as many rows: texts in another order, other numbers.

    Half of the numbers lie within 2 of a bound that the query names; values of a column that differed still do.
    """
    made = {}
    for name, (columns, rows) in database.items():
        count = max(2, round(share * len(rows)))
        mixed = [_column(rng, column, bounds, count) for column in zip(*rows, strict=True)]
        made[name] = columns, list(zip(*mixed, strict=True))
    return made


def _column(rng: random.Random, column: Row, bounds: Sequence[int], count: int) -> list[Any]:
    """`count` values in the manner of a column."""
    if len(set(column)) < len(column):
        return [rng.choice(column) for _ in range(count)]
    if type(column[0]) is int:
        near = {bound + step for bound in bounds for step in range(-2, 3)}
        chosen = rng.sample(sorted(near), min(len(near), count // 2))
        far = sorted({*column, *range(1, 100)} - set(chosen))
        return rng.sample([*chosen, *rng.sample(far, count - len(chosen))], count)
    more = [f"{value}{letter}" for letter in "abc" for value in column]
    return rng.sample(list(column) + more[: max(0, count - len(column))], count)
