"""Questions answered in plain Python from their words; queries run on a plain SQLite over tables made here."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

EXPENSIVE = True

Rows = list[tuple[Any, ...]]
Tables = dict[str, list[dict[str, Any]]]
Test = Callable[[dict[str, Any]], bool]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "above": lambda a, b: a > b, "below": lambda a, b: a < b, "at least": lambda a, b: a >= b,
    "at most": lambda a, b: a <= b,
}  # fmt: skip


def _simple(words: str) -> Test:
    """`price is above 40`, `club is Gegi`."""
    column, _, rest = words.partition(" is ")
    for name, compare in COMPARISONS.items():
        if rest.startswith(name + " "):
            bound = int(rest[len(name) :])
            return lambda row: compare(row[column], bound)
    return lambda row: row[column] == rest


def _condition(words: str) -> Test:
    """Simple conditions joined by `and whose` or `or whose`."""
    for joint, together in ((" and whose ", all), (" or whose ", any)):
        if joint in words:
            tests = [_simple(part) for part in words.split(joint)]
            return lambda row: together(test(row) for test in tests)
    return _simple(words)


def _aggregate(words: str, rows: list[dict[str, Any]]) -> Any:
    if words.startswith("the number of"):
        return len(rows)
    values = [row[words.split()[-1]] for row in rows]
    if not values:
        return None
    kind = words.split()[1]
    return {"sum": sum(values), "largest": max(values), "smallest": min(values), "average": sum(values) / len(values)}[
        kind
    ]


def _by(rows: list[dict[str, Any]], column: str) -> dict[Any, list[dict[str, Any]]]:
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def _picked(row: dict[str, Any], columns: str) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns.split(", "))


def rows_wanted(question: str, tables: Tables) -> Rows:
    """The rows that a question asks for."""
    if m := re.fullmatch(
        r"(.+) of the (\d+) (\w+) with the (largest|smallest) (\w+) among those whose (.+), \w+ first", question
    ):
        chosen = sorted(filter(_condition(m[6]), tables[m[3]]), key=lambda row: row[m[5]], reverse=m[4] == "largest")
        return [_picked(row, m[1]) for row in chosen[: int(m[2])]]
    if m := re.fullmatch(
        r"(\w+) and (the number of its \w+) for every \w+ in (\w+) whose (\w+) (?:of )?(\w+) is (\w+(?: least)?) (\d+)",
        question,
    ):
        found = []
        for place, rows in _by(tables[m[3]], m[1]).items():
            value = _aggregate(f"the {m[4]} {m[5]}", rows)
            if COMPARISONS[m[6]](value, int(m[7])):
                found.append((place, len(rows)))
        return found
    if m := re.fullmatch(r"(\w+) and (.+) for every \w+ in (\w+), counting only those whose (.+)", question):
        groups = _by(list(filter(_condition(m[4]), tables[m[3]])), m[1])
        return [(place, _aggregate(m[2], rows)) for place, rows in groups.items()]
    if m := re.fullmatch(
        r"(\w+) and (.+) for every \w+, over the (\w+) of its (\w+), counting only those whose (.+) \(no .+\)", question
    ):
        rows = [row | home for row in filter(_condition(m[5]), tables[m[3]]) for home in _homes(row, tables[m[4]])]
        return [(region, _aggregate(m[2], group)) for region, group in _by(rows, m[1]).items()]
    if m := re.fullmatch(
        r"(\w+, (\w+), \w+) of the one with the (\w+) (\w+) in every \w+, among the (\w+) whose (.+), sorted by .+",
        question,
    ):
        places = next(rows for name, rows in tables.items() if name != m[5])
        best = []
        for group in _by(list(filter(_condition(m[6]), tables[m[5]])), m[2]).values():
            row = {"largest": max, "smallest": min}[m[3]](group, key=lambda row: row[m[4]])
            best += [row | home for home in _homes(row, places)]
        return [_picked(row, m[1]) for row in sorted(best, key=lambda row: row[m[4]])]
    if m := re.fullmatch(r"((\w+), \w+) of all (\w+) to which none of the (\w+) belongs whose (.+)", question):
        taken = {row[m[2]] for row in filter(_condition(m[5]), tables[m[4]])}
        return [_picked(row, m[1]) for row in tables[m[3]] if row[m[2]] not in taken]
    if m := re.fullmatch(
        r"(\w+) of all (\w+) whose (.+) and whose (\w+) is (above|below) the average \w+ of (.+)", question
    ):
        found = []
        for row in filter(_condition(m[3]), tables[m[2]]):
            peers = tables[m[2]]
            if own := re.fullmatch(r"the \w+ of its own (\w+)", m[6]):
                peers = [peer for peer in peers if peer[own[1]] == row[own[1]]]
            if COMPARISONS[m[5]](row[m[4]], sum(peer[m[4]] for peer in peers) / len(peers)):
                found.append((row[m[1]],))
        return found
    if m := re.fullmatch(r"(\w+) of all (\w+) whose (.+) and whose (\w+) is one where (.+)", question):
        places = next(rows for name, rows in tables.items() if name != m[2])
        good = {row[m[4]] for row in filter(_simple(m[5]), places)}
        return [(row[m[1]],) for row in filter(_condition(m[3]), tables[m[2]]) if row[m[4]] in good]
    m = re.fullmatch(r"(.+) of all (\w+) whose (.+)", question)
    assert m, question
    rows = list(filter(_condition(m[3]), tables[m[2]]))
    if m[1].startswith("the "):
        return [(_aggregate(m[1], rows),)]
    return [_picked(row, m[1]) for row in rows]


def _homes(row: dict[str, Any], places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    key = next(iter(places[0]))
    return [place for place in places if place[key] == row[key]]


def _tables(payload: dict[str, Any], rng: random.Random | None) -> Tables:
    """The tables of the payload, or others of their form: any number of rows, numbers around those in the question."""
    found: Tables = {}
    for name, table in payload["tables"].items():
        rows = [list(row) for row in table["rows"]]
        if rng:
            bounds = [int(digits) + step for digits in re.findall(r"\d+", payload["question"]) for step in (-1, 0, 1)]
            count = rng.choice([2, len(rows), 2 * len(rows), 3 * len(rows)])
            columns = [_column(rng, list(column), bounds, count) for column in zip(*rows, strict=True)]
            rows = [list(row) for row in zip(*columns, strict=True)]
        found[name] = [dict(zip(table["columns"], row, strict=True)) for row in rows]
    return found


def _column(rng: random.Random, column: list[Any], bounds: list[int], count: int) -> list[Any]:
    if isinstance(column[0], int):  # all different
        values = dict.fromkeys(rng.sample(bounds, min(3, len(bounds))) + rng.sample(range(1, 100), count))
    elif len(set(column)) == len(column):
        values = dict.fromkeys(rng.sample(column + [f"Q{number}" for number in range(count)], count))
    else:
        return rng.choices(column, k=count)
    return rng.sample(list(values)[:count], count)


def _executed(tables: Tables, query: str) -> Rows | None:
    connection = sqlite3.connect(":memory:")
    try:
        for name, rows in tables.items():
            kinds = ", ".join(f"{c} {'INTEGER' if isinstance(v, int) else 'TEXT'}" for c, v in rows[0].items())
            connection.execute(f"CREATE TABLE {name} ({kinds})")
            for row in rows:
                connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", list(row.values()))
        connection.execute("PRAGMA query_only = ON")
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else None
    except (sqlite3.Error, sqlite3.Warning, ValueError):
        return None
    finally:
        connection.close()


def _equal(mine: Rows, theirs: Rows | None, ordered: bool) -> bool:
    if theirs is None or len(mine) != len(theirs):
        return False

    def key(row: tuple[Any, ...]) -> list[tuple[str, Any]]:
        return [
            ("", 0) if c is None else ("text", c) if isinstance(c, str) else ("number", round(float(c), 6)) for c in row
        ]

    left, right = [key(row) for row in mine], [key(row) for row in theirs]
    return left == right if ordered else sorted(left) == sorted(right)


def judge(payload: dict[str, Any], answer: str) -> bool:
    if len(answer) > 1_000 or not answer.isascii() or "\0" in answer:
        return False
    rng = random.Random(answer)
    for attempt in range(25):
        tables = _tables(payload, rng if attempt else None)
        if not _equal(rows_wanted(payload["question"], tables), _executed(tables, answer), payload["ordered"]):
            return False
    return True


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    names = [name for table, content in payload["tables"].items() for name in (table, *content["columns"])]
    signs = [">", "<", ">=", "<=", "=", "AND", "OR", "NOT", "DESC", "ASC", "count(*)", "1", "NULL", "*", ","]
    cells = [cell for content in payload["tables"].values() for row in content["rows"] for cell in row]
    while True:
        words = answer.split(" ")
        i, j = rng.randrange(len(words)), rng.randrange(len(words))
        kind = rng.randrange(7)
        if kind == 0:
            words[i] = rng.choice([*names, *signs])
        elif kind == 1:
            words[i], words[j] = words[j], words[i]
        elif kind == 2:
            del words[i]
        elif kind == 3:  # the rows themselves
            wanted = rows_wanted(payload["question"], _tables(payload, None)) or [("",)]
            words = [
                "VALUES",
                ", ".join(f"({', '.join(repr(c) if c is not None else 'NULL' for c in row)})" for row in wanted),
            ]
        elif kind == 4:
            words += ["LIMIT", str(rng.randrange(3))]
        elif kind == 5:
            words = [re.sub(r"\d+", lambda _: str(rng.choice(cells)), word) for word in words]
        else:
            words = answer.partition(" WHERE ")[0].split(" ")
        yield " ".join(words)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    keywords = r"\b(SELECT|FROM|WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|AND|OR|AS|NOT IN|JOIN|ON|USING)\b"
    while True:
        text = re.sub(keywords, lambda m: rng.choice([m[0], m[0].lower(), m[0].title()]), answer)
        text = re.sub(" ", lambda _: rng.choice([" ", " ", "  ", "\n", "\t"]), text)
        yield rng.choice(["{}", "{};", "{} -- so", "WITH x AS (SELECT 1) {}", "{} ;"]).format(text)
