"""Questions about two small tables, answered by a query to a real SQLite database.

An observation is the tables, `tools(tool, shop, price, age)` and a line for each row, then the question, such as `Give
tool of all tools whose price is above 40, in any order.`; a right action is `SELECT tool FROM tools WHERE price > 40`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.seeding import stream
from esreason.core.task import canonical_json
from esreason.core.text import CHARSET
from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.attempts import AttemptEnv
from esreason.envs.programs import sql_questions as ask
from esreason.envs.programs.sql_tables import telling
from esreason.verifiers.programs.queries import MAX_QUERY, Database, Row, results, same_rows

# things, places, questions
LEVELS: dict[int, tuple[int, int, tuple[ask.Asker, ...]]] = {
    1: (5, 3, (ask.filtered,)), 2: (6, 3, (ask.filtered_twice,)), 3: (7, 3, (ask.sorted_first,)),
    4: (7, 3, (ask.aggregated,)), 5: (8, 3, (ask.grouped,)), 6: (9, 4, (ask.having, ask.grouped)),
    7: (9, 4, (ask.joined,)), 8: (10, 5, (ask.joined_groups,)), 9: (10, 5, (ask.above_average, ask.without)),
    10: (12, 5, (ask.best_of_each, ask.above_average, ask.without)),
}  # fmt: skip
MAX_TABLES, MAX_COLUMNS, MAX_TABLE_ROWS = 3, 6, 30
SHOWN_ROWS = 6

_NAME = re.compile(r"(?!sqlite)[a-z][a-z_]{0,20}")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The tables as shown and in other states, what the query gives in each, and the question."""

    tables: tuple[str, ...]
    images: tuple[bytes, ...]
    expected: tuple[tuple[Row, ...], ...]
    ordered: bool
    query: str
    text: str


class Sql(AttemptEnv[Inquiry]):
    """Write a query that answers a question about two tables; it is run on SQLite and compared with the right rows.

    Levels: 1 one condition, 2 two, 3 sorting and a limit, 4 a number over rows, 5 groups, 6 conditions on groups, 7
    a join, 8 groups over a join, 9 subqueries, 10 the extreme of every group. A query must give the right rows for
    the tables shown and for six to twelve others of the same form, so that it answers the question and not these rows
    alone. The others are functions of the payload, never shown, and chosen so that they tell the right query from
    near misses (a bound moved by one, a comparison or function exchanged, a part left out). Any query that does is
    right; that is a test, no proof of equivalence.
    """

    name = "sql"
    rules = (
        "SQL: write one SQLite query that answers the question about the tables; the columns of its rows must come in "
        "the order named. It may only read, and must also be right for other rows in the same tables."
    )
    action_rule = "Write a whole query on one line; you are told which rows it gives. You have 5 attempts."
    answer_rule = "Answer with the query alone."
    action_chars = MAX_QUERY
    answer_chars = MAX_QUERY

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, places, askers = LEVELS[level]
        while True:
            world = ask.random_world(rng, count, places)
            question, query, ordered = rng.choice(askers)(rng, world)
            tables = world.tables()
            payload = {"tables": tables, "question": question, "query": query, "ordered": ordered}
            # No more tables are made than show that their rows matter.
            found = results(_images(payload), tables, query)
            first = next(found)
            if first and (len(first) > 1 or None not in first[0]) and any(rows != first for rows in found):
                return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Inquiry:
        if set(payload) != {"tables", "question", "query", "ordered"}:
            raise ValueError('an sql payload is {"tables", "question", "query", "ordered"}')
        question, query, ordered = payload["question"], payload["query"], payload["ordered"]
        if not isinstance(question, str) or not 1 <= len(question) <= 400 or not set(question) <= set(CHARSET) - {"\n"}:
            raise ValueError("the question is one line of at most 400 ASCII characters")
        if not isinstance(ordered, bool) or not isinstance(query, str):
            raise ValueError("the query is a text, and ordered says whether the order of rows matters")
        shown = _read_tables(payload["tables"])
        images = tuple(_images(payload))
        expected = tuple(map(tuple, results(images, shown, query)))
        lines = []
        for name, (columns, rows) in shown.items():
            lines += [f"{name}({', '.join(columns)})", *(_line(row) for row in rows)]
        lines.append(f"Give {question}, {'in this order' if ordered else 'in any order'}.")
        return Inquiry(tuple(shown), images, expected, ordered, query, "\n".join(lines))

    @classmethod
    def _task(cls, instance: Inquiry) -> str:
        return instance.text

    @classmethod
    def _tried(cls, instance: Inquiry, program: str) -> str | None:
        try:
            rows = next(results(instance.images, instance.tables, program))
        except ValueError as error:
            return str(error)
        if same_rows(rows, instance.expected[0], instance.ordered):
            return None
        shown = "; ".join([_line(row) for row in rows[:SHOWN_ROWS]])
        return f"gives {len(rows)} row{'' if len(rows) == 1 else 's'}{f': {shown}' if rows else ''}"

    @classmethod
    def _verify(cls, instance: Inquiry, answer: str) -> Verdict:
        found = results(instance.images, instance.tables, answer)
        try:
            for number, expected in enumerate(instance.expected):
                if not same_rows(next(found), expected, instance.ordered):
                    where = "the tables shown" if not number else "other rows in the same tables"
                    return reject(f"The query gives wrong rows for {where}.", answer)
        except ValueError as error:
            return reject(str(error))
        return accept(answer, "The query gives the right rows.")

    @classmethod
    def _reference(cls, instance: Inquiry) -> str:
        return instance.query


def _images(payload: Mapping[str, Any]) -> Iterator[bytes]:
    """The tables shown and the others that a payload stands for."""
    tables, query = payload["tables"], payload["query"]
    rng = stream("sql", canonical_json(tables), query)
    return telling(rng, _read_tables(tables), query[:MAX_QUERY], payload["ordered"])


def _read_tables(value: object) -> Database:
    """The tables of a payload, checked."""
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_TABLES:
        raise ValueError(f"there are 1 to {MAX_TABLES} tables")
    found: dict[str, tuple[tuple[str, ...], list[Row]]] = {}
    for name, table in value.items():
        if not _is_name(name) or not isinstance(table, Mapping) or set(table) != {"columns", "rows"}:
            raise ValueError('a table is {"columns": [...], "rows": [[...], ...]} under a name of small letters')
        columns, rows = table["columns"], table["rows"]
        if not isinstance(columns, list) or not 1 <= len(columns) <= MAX_COLUMNS or not all(map(_is_name, columns)):
            raise ValueError(f"a table has 1 to {MAX_COLUMNS} columns with names of small letters")
        if len(set(columns)) < len(columns) or not isinstance(rows, list) or not 1 <= len(rows) <= MAX_TABLE_ROWS:
            raise ValueError(f"columns have different names, and there are 1 to {MAX_TABLE_ROWS} rows")
        for row in rows:
            if not isinstance(row, list) or len(row) != len(columns) or not all(map(_is_cell, row)):
                raise ValueError("a row has a number or a short text for every column")
        found[name] = tuple(columns), [tuple(row) for row in rows]
    return found


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_cell(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 30 and set(value) <= set(CHARSET) - {"\n"}
    return type(value) is int and abs(value) <= 10**9


def _line(row: Row) -> str:
    return ", ".join([f"{cell:.6g}" if isinstance(cell, float) else str(cell)[:40] for cell in row])
