"""Rows of figures on disk, and the tables in the docs that are made of them."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from esreason import list_envs
from esreason.core.files import replace_file
from esreason.core.machine import machine as machine
from esreason.core.registry import env_info
from esreason.report.sheet import markdown as table  # noqa: F401  what the other scripts make their tables with

ROOT = Path(__file__).resolve().parents[1]
ROWS = ROOT / "esreason" / "report" / "data"
Row = dict[str, Any]


def chosen(description: str | None, **options: Any) -> argparse.Namespace:
    """The command line: `--only a,b` (all built-in environments without it), `--table-only`, and a script's own."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="names, separated by commas; rows of others stay")
    parser.add_argument("--missing", action="store_true", help="measure only what has no row of its version yet")
    parser.add_argument("--table-only", action="store_true", help="measure nothing, write the tables from the rows")
    for name, settings in options.items():
        parser.add_argument(f"--{name.replace('_', '-')}", **settings)
    arguments = parser.parse_args()
    names = [info.name for info in list_envs() if info.origin == "esreason"]
    arguments.failed = []
    arguments.names = [name for name in arguments.only.split(",") if name] or names
    if arguments.table_only:
        arguments.names = []
    return arguments


def load(kind: str) -> dict[str, Row]:
    """The rows of a kind of figures that are on disk."""
    path = ROWS / f"{kind}.json"
    rows: dict[str, Row] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return rows


def save(kind: str, rows: dict[str, Row]) -> None:
    """Write the rows in order of the catalogue; rows of environments that are gone are dropped."""
    order = [info.name for info in list_envs() if info.origin == "esreason" and info.name in rows]
    lines = [f" {json.dumps(name)}: {json.dumps(rows[name])}" for name in order]
    replace_file(ROWS / f"{kind}.json", ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def measure(kind: str, arguments: argparse.Namespace, of: Callable[[str], Row]) -> dict[str, Row]:
    """Measure the chosen environments one after the other; each row is on disk as soon as it is known.

    One that fails keeps its old row and is named on stderr and in `arguments.failed`.
    """
    for name in arguments.names:
        version = env_info(name).version
        if arguments.missing and load(kind).get(name, {}).get("version") == version:
            continue
        begun = time.monotonic()
        try:
            row = {"version": version, "date": date.today().isoformat(), **of(name)}
        except Exception:  # noqa: BLE001  the others are still worth measuring
            sys.stderr.write(f"{name} failed:\n{traceback.format_exc()}")
            arguments.failed.append(name)
            continue
        save(kind, load(kind) | {name: row})
        sys.stderr.write(f"{name}: {time.monotonic() - begun:.1f} s\n")
    rows = load(kind)
    save(kind, rows)
    return rows


def families(rows: Iterable[str]) -> dict[str, list[str]]:
    """Names by family, both in order of the catalogue."""
    wanted, grouped = set(rows), dict[str, list[str]]()
    for info in list_envs():
        if info.name in wanted:
            grouped.setdefault(info.family, []).append(info.name)
    return grouped


def write_between(path: Path, marker: str, text: str, title: str) -> None:
    """Put text between `<!-- marker -->` and `<!-- /marker -->`; a file or a marker that is missing is made."""
    begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    whole = path.read_text(encoding="utf-8") if path.is_file() else f"# {title}\n"
    if begin not in whole:
        whole = f"{whole.rstrip()}\n\n{begin}\n{end}\n"
    before, _, rest = whole.partition(begin)
    after = rest.partition(end)[2]
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")


def dated(rows: dict[str, Row]) -> str:
    """When the rows were measured."""
    days = sorted({row["date"] for row in rows.values()})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}" if days else "never"
