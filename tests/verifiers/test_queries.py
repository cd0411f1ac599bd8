"""Queries read their tables and nothing else, within bounds."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from esreason.verifiers.programs.queries import MAX_ROWS, Database, QueryError, rows_of, same_rows
from tests.bounds import LONG

TABLES: Database = {
    "tools": (("tool", "shop", "price"), [("saw", "north", 10), ("axe", "south", 20), ("nail", "north", 1)]),
    "shops": (("shop", "rent"), [("north", 5), ("south", 7)]),
}

HOSTILE = (
    "DROP TABLE tools", "DELETE FROM tools", "UPDATE tools SET price = 0", "INSERT INTO tools VALUES ('a', 'b', 1)",
    "CREATE TABLE loot (a)", "CREATE TEMP TABLE loot AS SELECT * FROM tools", "CREATE VIEW v AS SELECT 1",
    "ALTER TABLE tools ADD COLUMN loot", "REPLACE INTO tools VALUES ('saw', 'x', 1)", "VACUUM INTO '{path}'",
    "ATTACH DATABASE '{path}' AS loot", "DETACH DATABASE main", "PRAGMA writable_schema = 1", "PRAGMA database_list",
    "SELECT * FROM pragma_database_list", "SELECT * FROM sqlite_master", "SELECT * FROM sqlite_schema",
    "SELECT sql FROM sqlite_temp_master", "SELECT load_extension('{path}')", "SELECT readfile('/etc/passwd')",
    "SELECT writefile('{path}', 'loot')", "SELECT edit('a')", "SELECT fts3_tokenizer('simple')",
    "SELECT randomblob(9)", "SELECT zeroblob(1000000000)", "SELECT x'00'", "SELECT hex(zeroblob(100))",
    "SELECT random()", "SELECT sqlite_version()", "SELECT printf('%1000000000d', 1)",
    "SELECT format('%.*c', 1000000000, 'x')", "SELECT char(1)", "SELECT quote(1)", "SELECT date('now')",
    "SELECT datetime()", "SELECT unixepoch()", "SELECT last_insert_rowid()", "SELECT changes()",
    "SELECT json('{{}}')", "SELECT * FROM json_each('[1]')", "SELECT * FROM dbstat", "SELECT glob('a*', 'a')",
    "EXPLAIN SELECT 1", "EXPLAIN QUERY PLAN SELECT 1", "ANALYZE", "REINDEX", "BEGIN", "COMMIT", "ROLLBACK",
    "SAVEPOINT a", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE tools", "SELECT ?", "SELECT :a",
    "SELECT * FROM tools WHERE tool = ?1",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c",
    "WITH RECURSIVE c(n) AS (VALUES(1) UNION SELECT n + 1 FROM c) SELECT n FROM c",
    "SELECT count(*) FROM tools a, tools b, tools c, tools d, tools e, tools f, tools g, tools h, tools"
    " i, tools j, tools k",
    "SELECT a.tool || b.tool || c.tool || d.tool || e.tool FROM tools a, tools b, tools c, tools d,"
    " tools e ORDER BY 1",
    "SELECT replace(replace(replace(replace('aaaaaaaaaa', 'a', 'bbbbbbbbbb'), 'b', 'cccccccccc'), 'c',"
    " 'dddd'), 'd', 'ee')",
    "SELECT group_concat(a.tool || b.tool || c.tool || d.tool) FROM tools a, tools b, tools c, tools d,"
    " tools e, tools f",
    "SELECT " + "(" * 60 + "1" + ")" * 60 + " + 1" * 60, "SELECT " + ", ".join(["1"] * 30),
    " UNION ALL ".join(["SELECT 1"] * 10), "SELECT '" + "a" * 2_000 + "'",
    "SELECT * FROM tools WHERE tool LIKE '" + "%a" * 30 + "'", "", " ", ";", "--", "/* */", "SELECT", "SELECT * FROM",
    "SELEC tool FROM tools", "SELECT tool FROM loot", "SELECT loot FROM tools", "\0", "SELECT 'a\0b'", "SELECT 'é'",
    "SELECT tool FROM tools WHERE tool REGEXP 'a'", "SELECT tool FROM tools WHERE tool MATCH 'a'",
    "SELECT * FROM tools INDEXED BY loot", "SELECT max(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)",
)  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_are_refused(query: str, tmp_path: Path) -> None:
    begun = time.process_time()
    with pytest.raises(QueryError) as caught:
        rows_of(TABLES, query.replace("{path}", str(tmp_path / "loot")).replace("{{}}", "{}"))
    assert time.process_time() - begun < LONG
    sentence = str(caught.value)
    assert sentence.endswith(".") and sentence.isascii() and sentence.isprintable() and len(sentence) < 150
    assert not list(tmp_path.iterdir())
    assert rows_of(TABLES, "SELECT count(*) FROM tools") == [(3,)]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT tool FROM tools WHERE price > 5 ORDER BY price DESC", [("axe",), ("saw",)]),
        ("select count(*), sum(price), avg(price), min(tool) from tools;", [(3, 31, 31 / 3, "axe")]),
        ("SELECT shop, count(*) FROM tools GROUP BY shop HAVING count(*) > 1", [("north", 2)]),
        ("SELECT tool, rent FROM tools JOIN shops USING (shop) WHERE rent = 7", [("axe", 7)]),
        ("SELECT tool FROM tools AS t WHERE price = (SELECT max(price) FROM tools WHERE shop = t.shop) ORDER BY 1",
         [("axe",), ("saw",)]),
        ("WITH x AS (SELECT shop FROM shops) SELECT count(*) FROM x", [(2,)]),
        ("SELECT tool, row_number() OVER (ORDER BY price) FROM tools ORDER BY 2",
         [("nail", 1), ("saw", 2), ("axe", 3)]),
        ("SELECT CASE WHEN price > 5 THEN 'much' ELSE 'little' END FROM tools WHERE tool = 'nail'", [("little",)]),
        ("SELECT tool FROM tools WHERE tool LIKE 'A%' -- so", [("axe",)]),
        ("SELECT upper(tool) || substr(shop, 1, 1) FROM tools WHERE price BETWEEN 9 AND 11", [("SAWn",)]),
        ("SELECT max(price) FROM tools WHERE 0", [(None,)]),
        ("VALUES (1), (2)", [(1,), (2,)]),
    ],
)  # fmt: skip
def test_ordinary_queries_are_executed(query: str, rows: list[tuple[object, ...]]) -> None:
    assert rows_of(TABLES, query) == rows


def test_many_rows_are_refused() -> None:
    assert len(rows_of(TABLES, "SELECT 1 FROM tools a, tools b, tools c, tools d")) == 81 < MAX_ROWS
    with pytest.raises(QueryError, match="more than 200 rows"):
        rows_of(TABLES, "SELECT 1 FROM tools a, tools b, tools c, tools d, tools e")


def test_memory_stays_small() -> None:
    """Sorting many long values stays within the steps of a query."""
    before = int(Path("/proc/self/statm").read_text().split()[1]) if os.path.exists("/proc/self/statm") else 0
    wide = " || ".join(["a.tool"] * 60)
    for _ in range(3):
        with pytest.raises(QueryError):
            rows_of(
                TABLES,
                f"SELECT {wide} FROM tools a, tools b, tools c, tools d, tools e, tools f, tools g, tools h ORDER BY 1",
            )
    if before:
        after = int(Path("/proc/self/statm").read_text().split()[1])
        assert (after - before) * os.sysconf("SC_PAGE_SIZE") < 100 << 20


@pytest.mark.parametrize(
    ("first", "second", "ordered", "same"),
    [
        ([(1, "a"), (2, "b")], [(2, "b"), (1, "a")], False, True), ([(1,), (2,)], [(2,), (1,)], True, False),
        ([(1,)], [(1.0,)], True, True), ([(1 / 3,)], [(0.3333333333333,)], True, True),
        ([(0.3,)], [(0.3001,)], True, False),
        ([(1,), (1,)], [(1,)], False, False), ([(None,)], [(0,)], False, False), ([("1",)], [(1,)], False, False),
        ([], [], True, True), ([(1, 2)], [(1,)], False, False),
    ],
)  # fmt: skip
def test_results_are_compared(
    first: list[tuple[object, ...]], second: list[tuple[object, ...]], ordered: bool, same: bool
) -> None:
    assert same_rows(first, second, ordered) is same
