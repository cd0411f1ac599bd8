"""Queries against small SQLite databases in memory that can only be read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

Row = tuple[Any, ...]
"""Numbers, texts and None."""
Table = tuple[tuple[str, ...], Sequence[Row]]
"""The names of the columns, and the rows, at least one; a column holds texts or numbers as its first cell does."""
Database = Mapping[str, Table]

MAX_QUERY, MAX_ROWS, MAX_CELL, MAX_STEPS = 1_000, 200, 1_000, 100_000

FUNCTIONS = frozenset(
    "abs avg cast coalesce count group_concat ifnull iif instr length like lower ltrim max min nullif replace round "
    "row_number rank dense_rank rtrim sign substr substring sum total trim upper".split()
)
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 2_000, sqlite3.SQLITE_LIMIT_SQL_LENGTH: MAX_QUERY,
    sqlite3.SQLITE_LIMIT_COLUMN: 20, sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 40, sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 6,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 20_000, sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 10, sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 40, sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0, sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}  # fmt: skip
_BEGINNING = re.compile(r"\s*(?:select|with|values)\b", re.IGNORECASE)
_TOLD = re.compile(r'(near ".{0,40}": syntax error|no such column: .{1,60}|no such table: .{1,60}|incomplete input)')


class QueryError(ValueError):
    """A query that cannot be executed, or may not."""


def image(database: Database) -> bytes:
    """A database as SQLite keeps it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute("PRAGMA page_size = 512")
        for name, (columns, rows) in database.items():
            kinds = ["INTEGER" if isinstance(cell, int) else "TEXT" for cell in rows[0]]
            typed = ", ".join([f'"{column}" {kind}' for column, kind in zip(columns, kinds, strict=True)])
            connection.execute(f'CREATE TABLE "{name}" ({typed})')
            connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})', rows)
        return connection.serialize()
    finally:
        connection.close()


class Reader:
    """A connection that reads these tables of one database after the other, and can do nothing else.

    An authorizer admits reading the tables and a list of functions and nothing else, a counter ends a query after so
    many instructions of SQLite's machine, and SQLite's own limits bound the size of values and of the query.
    """

    def __init__(self, tables: Iterable[str]) -> None:
        self._allowed = _authorizer(frozenset(tables))
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute("PRAGMA temp_store = MEMORY")
        for limit, value in _LIMITS.items():
            self._connection.setlimit(limit, value)

    def load(self, data: bytes) -> None:
        """Read a database into memory, in the place of the one before."""
        self._connection.set_authorizer(None)
        self._connection.deserialize(data)
        self._connection.set_authorizer(self._allowed)

    def rows(self, query: str, steps: int = MAX_STEPS) -> list[Row]:
        """The rows that a query gives; raises QueryError with one sentence."""
        _check(query)
        left = iter(range(steps // 1_000))
        self._connection.set_progress_handler(lambda: next(left, None) is None, 1_000)
        try:
            cursor = self._connection.execute(query)
            rows = cursor.fetchmany(MAX_ROWS + 1)
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning, MemoryError, OverflowError) as error:
            raise QueryError(_told(error, steps)) from None
        if len(rows) > MAX_ROWS:
            raise QueryError(f"The query gives more than {MAX_ROWS} rows.")
        for row in rows:
            for cell in row:
                if isinstance(cell, bytes) or (isinstance(cell, str) and len(cell) > MAX_CELL):
                    raise QueryError(f"The query gives something else than numbers and texts up to {MAX_CELL} letters.")
        return rows

    def close(self) -> None:
        self._connection.close()


def results(images: Iterable[bytes], tables: Iterable[str], query: str) -> Iterator[list[Row]]:
    """The rows that a query gives in one database after the other; raises as `Reader.rows` does."""
    _check(query)
    with closing(Reader(tables)) as reader:
        for data in images:
            reader.load(data)
            yield reader.rows(query)


def _check(query: str) -> None:
    if len(query) > MAX_QUERY:
        raise QueryError(f"A query has at most {MAX_QUERY:,} characters.")
    if not query.strip() or "\0" in query or not query.isascii():
        raise QueryError("A query is a text of ASCII characters.")
    if not _BEGINNING.match(query):
        raise QueryError("A query begins with SELECT, WITH or VALUES.")


def rows_of(database: Database, query: str) -> list[Row]:
    """The rows that a query gives in one database; raises QueryError as `results` does."""
    return next(results([image(database)], database, query))


def _authorizer(tables: frozenset[str]) -> Any:
    """Says for each thing that a query does whether it may."""

    def allowed(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
        good = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_READ and first in tables)
            or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FUNCTIONS)
        )
        return sqlite3.SQLITE_OK if good else sqlite3.SQLITE_DENY

    return allowed


def _told(error: BaseException, steps: int) -> str:
    """One sentence on an error, the same for every version of SQLite."""
    text = " ".join(str(error).split())
    if "interrupted" in text:
        return f"The query takes more than {steps:,} steps."
    match = _TOLD.match(text)
    if match:
        return "".join(c if " " <= c <= "~" else "?" for c in match[0][:1].upper() + match[0][1:]) + "."
    if "prohibited" in text or "not authorized" in text:
        return "A query may only read the tables shown, by common functions."
    return "The query cannot be executed."


def same_rows(first: Sequence[Row], second: Sequence[Row], ordered: bool) -> bool:
    """Whether two results are the same: numbers to nine digits, and in any order unless `ordered`."""
    left, right = [_plain(row) for row in first], [_plain(row) for row in second]
    return left == right if ordered else sorted(left) == sorted(right)


def _plain(row: Row) -> tuple[tuple[int, float, str], ...]:
    """A row as something that can be compared and ordered."""
    return tuple([_cell(cell) for cell in row])


def _cell(cell: Any) -> tuple[int, float, str]:
    if cell is None:
        return 0, 0.0, ""
    if isinstance(cell, str):
        return 2, 0.0, cell
    return 1, float(f"{float(cell):.9g}"), ""
