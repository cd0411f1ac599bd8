"""`esreason reproduce`: play an entry's test episodes again with its models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esreason.cli.options import AsJson, BoardFolder, OwnDevice, Workers

if TYPE_CHECKING:
    from esreason.es.folder import RunFolder
    from esreason.leaderboard.reproduction import Reproduction


def command(
    entry: Annotated[str, typer.Argument(help="The entry's id, see `esreason leaderboard --json`.")],
    board: BoardFolder = None,
    device: OwnDevice = None,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Rebuild an entry's weights, play all its test episodes again, and mark it reproduced if they are the same."""
    from esreason.cli.boards import default_board
    from esreason.core.errors import SubmissionError
    from esreason.es.folder import RunFolder
    from esreason.leaderboard.board import Board
    from esreason.leaderboard.reading import plain

    opened = Board.open(default_board(board))
    if entry not in {line["id"] for line in opened.entries()}:
        raise SubmissionError(f"There is no entry {plain(entry)} on the board in {opened.path}.")
    outcomes = _play(RunFolder.open(opened.entries_path / entry), workers, device)
    same = all(outcome.same for outcome in outcomes)
    if same:
        opened.mark_reproduced(entry, "; ".join(outcome.sentence for outcome in outcomes))
    if as_json:
        phases = {outcome.phase: outcome.sentence for outcome in outcomes}
        print(json.dumps({"id": entry, "reproduced": same, "phases": phases}))
    else:
        print("\n".join(f"{outcome.phase}: {outcome.sentence}" for outcome in outcomes))
    if not same:
        raise typer.Exit(1)


def _play(folder: RunFolder, workers: int, device: str | None) -> list[Reproduction]:
    import tempfile
    from dataclasses import replace

    from esreason.cli.device import own_place
    from esreason.cli.policies import play_policy
    from esreason.core.registry import make_task
    from esreason.es.noise import Member
    from esreason.leaderboard.reproduction import compare

    config, outcomes = folder.config(), []
    place = own_place(config, device)
    config = replace(config, device=place.kind)
    voters = [Member(seed, sigma) for seed, sigma in folder.result().get("voters", [])]
    with tempfile.TemporaryDirectory(prefix="esreason-") as draft:
        for phase, model in _models(folder, Path(draft)):
            lines = [line for line in folder.episodes() if line["phase"] == phase]
            told = [line["task"] for line in lines]  # made anew: what a line says of its task is not believed
            tasks = [make_task(task["env"], task["seed"], task["level"], task["split"]) for task in told]
            members = voters if phase == "tuned" else []
            episodes = play_policy(replace(config, model=model), None, tasks, workers, members, place.gpu)
            outcomes.append(compare(phase, lines, episodes))
    return outcomes


def _models(folder: RunFolder, draft: Path) -> Iterator[tuple[str, str]]:
    """The phases of an entry and the directory of the model that played each; RunError if one is not at hand."""
    from esreason.cli.rebuild import rebuild_run
    from esreason.core.errors import RunError
    from esreason.engines.torch_checkpoint import checkpoint_sha256
    from esreason.models import model_path

    model = str(model_path(folder.config().model))
    if not folder.is_challenge:
        rebuild_run(folder.path, draft / "tuned", voters=True)
        yield from (("base", model), ("tuned", f"{draft}/tuned"))
    elif checkpoint_sha256(model) != folder.result()["weights_sha256"]:
        raise RunError(f"The model {folder.config().model} does not have the weights that were challenged.")
    else:
        yield folder.last_phase, model
