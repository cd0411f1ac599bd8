"""`esreason leaderboard`: print a leaderboard, write its page, or check it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esreason.cli.options import BoardFolder

if TYPE_CHECKING:
    from esreason.leaderboard.board import Board
    from esreason.leaderboard.standing import Row

SORTS: dict[str, Callable[[Any], Any]] = {
    "rank": lambda row: (*row.group, row.kind == "null", row.rank or (0, 0), -row.score, row.player),
    "score": lambda row: (-row.score, row.env, row.level, row.player),
    "env": lambda row: (*row.group, -row.score, row.player),
    "player": lambda row: (row.player, *row.group),
    "n": lambda row: (-row.n, *row.group, -row.score),
}


def command(
    board: BoardFolder = None,
    env: Annotated[str | None, typer.Option("--env", help="Only this environment.")] = None,
    family: Annotated[str | None, typer.Option("--family", help="Only this family.")] = None,
    sort: Annotated[str, typer.Option("--sort", help=f"{', '.join(SORTS)}.")] = "env",
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the rows as Markdown.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page to this file.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Verify every row from its files alone.")] = False,
    withdraw: Annotated[str | None, typer.Option("--withdraw", help="Leave a tombstone for this entry.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it is withdrawn.")] = "",
    nulls: Annotated[
        int, typer.Option("--nulls", min=0, help="Add null rows at level 1 over this many tasks, for --env or for all.")
    ] = 0,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Play the null rows again whose environment's code has changed.")
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", min=0, show_default=False, help="Processes of --check [default: all cores].")
    ] = 0,
) -> None:
    """Print a leaderboard, its null rows beside; or write its page, check it, withdraw an entry."""
    from esreason.cli.boards import default_board
    from esreason.core.errors import UsageError
    from esreason.core.registry import env_info, list_envs
    from esreason.leaderboard.board import Board
    from esreason.leaderboard.standing import standing

    if sort not in SORTS:
        raise UsageError(f"--sort is one of {', '.join(SORTS)}, not {sort!r}")
    if as_json + as_csv + markdown > 1:
        raise UsageError("--json, --csv and --markdown are three forms: choose one")
    opened = Board(default_board(board)) if nulls else Board.open(default_board(board))
    if env is not None:
        env_info(env)
    if family is not None:
        list_envs(family)
    if withdraw is not None:
        if not reason.strip():
            raise UsageError("--withdraw needs --reason")
        opened.withdraw(withdraw, reason)
        print(f"{withdraw} is withdrawn; its tombstone stays in {opened.index_path}.")
        return
    if nulls:
        _nulls(opened, [env] if env else [info.name for info in list_envs(family)], nulls)
        return
    if refresh:
        _refresh(opened)
        return
    if check:
        _check(opened, workers, as_json)
        return
    rows = sorted(standing(opened, env, family), key=SORTS[sort])
    if html is not None:
        _write(html, opened, rows)
    _print(opened, rows, as_json, as_csv, markdown, html is not None)


def _print(board: Board, rows: Sequence[Row], as_json: bool, as_csv: bool, markdown: bool, written: bool) -> None:
    from esreason.leaderboard.standing import aggregates
    from esreason.report.board import board_csv, board_markdown, board_table
    from esreason.report.console import TABLE, console

    if as_json:
        print(json.dumps([row.to_dict() for row in rows]))
    elif as_csv:
        print(board_csv(rows), end="")
    elif markdown:
        print(board_markdown(rows), end="")
    elif not written:
        out = console(least=TABLE)
        if not rows:
            print(f"The leaderboard in {board.path} has no row of that kind yet.")
            return
        out.print(board_table(rows, aggregates(rows), out.width))


def _nulls(board: Board, names: Sequence[str], count: int) -> None:
    from esreason.cli.progress import bar

    with bar("playing", False) as progress:
        for number, name in enumerate(names, 1):
            board.add_nulls(name, 1, "steps", count)
            progress(number, len(names))
    print(f"The null rows of {len(names)} environments are in {board.nulls_path}.")


def _refresh(board: Board) -> None:
    from esreason.cli.progress import bar

    with bar("playing", False) as progress:
        names = board.refresh_nulls(progress)
    print(f"{len(names)} files of null rows in {board.nulls_path} were stale and are played again.")


def _check(board: Board, workers: int, as_json: bool) -> None:
    from esreason.cli.progress import bar
    from esreason.cli.provenance import follow
    from esreason.leaderboard.check import check

    with bar("checking", as_json) as progress:
        found = check(board, follow, workers, progress)
    if as_json:
        print(json.dumps({"board": str(board.path), "ok": True, **asdict(found)}))
        return
    print(f"{board.path}: {found.entries} entries and the null rows of {found.nulls} environments replayed, "
          "no difference.")  # fmt: skip
    if found.changed:
        print(f"With other code than they were made with: {', '.join(found.changed)}.")


def _write(path: Path, board: Board, rows: Sequence[Row]) -> None:
    from esreason.core.files import replace_file
    from esreason.leaderboard.standing import aggregates
    from esreason.report.page import page

    replace_file(path, page(rows, aggregates(rows), board).encode())
    print(f"The page is in {path}.")
