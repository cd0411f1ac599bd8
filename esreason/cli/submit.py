"""`esreason submit`: verify a run and add it to a leaderboard."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from esreason.cli.options import AsJson, BoardFolder, Run, Workers


def command(
    run: Run,
    board: BoardFolder = None,
    workers: Workers = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replay every episode of a run, compute every number again, and add it to a leaderboard if nothing differs."""
    from esreason.cli.boards import default_board
    from esreason.cli.progress import bar
    from esreason.cli.provenance import follow
    from esreason.leaderboard.audit import audit
    from esreason.leaderboard.board import Board

    target = Board(default_board(board))
    with bar("replaying", quiet or as_json) as progress:
        submission = audit(run, follow, workers, progress)
    new = target.add(submission)
    weights = "checked" if submission.weights else "not checked"
    episodes = sum(map(len, submission.scores.values()))
    if as_json:
        print(json.dumps({
            "id": submission.id, "board": str(target.path), "new": new, "episodes": episodes, "weights": weights,
            **{phase: submission.result[phase] for phase in submission.kind.phases},
        }))  # fmt: skip
        return
    print(f"{episodes} episodes replayed, no difference; weights {weights}.")
    print(f"{submission.id} {'is now' if new else 'was already'} on the board in {target.path}; "
          f"`esreason leaderboard --board {target.path}` prints it.")  # fmt: skip
