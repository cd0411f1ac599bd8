"""`esreason play`: a person plays in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esreason.cli.options import Env, Limit, Split

if TYPE_CHECKING:
    from rich.console import Console

    from esreason.report.game import Game


def command(
    env: Env,
    task: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--task", help="One task of your own: PDDL files, the domain's and the problem's."),
    ] = None,
    limit: Limit = None,
    level: Annotated[int, typer.Option("--level", help="The environment's level.")] = 1,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The task [default: another one each time].")
    ] = None,
    split: Split = "train",
) -> None:
    """Play an environment: type actions; `help`, `hint`, `undo`, `moves`, `solve` and `quit` are understood too."""
    import random
    from contextlib import suppress

    from esreason.cli.own_task import only_with_task, read_task
    from esreason.core.registry import env_class
    from esreason.report.console import console
    from esreason.report.game import Game

    with suppress(ImportError):  # arrow keys and history where Python has them
        import readline  # noqa: F401
    if task is None:
        only_with_task(limit)
    cls, out = env_class(env), console()
    once = seed is not None or task is not None or not out.is_terminal
    while True:
        number = random.SystemRandom().randrange(2**31) if seed is None else seed
        played = cls.make_task(number, level, split) if task is None else read_task(env, task, limit)
        finished = _play(Game(cls(level=level, split=split), played), out)
        if not finished or once or _line(out, "Enter plays another, quit leaves > "):
            return


def _play(game: Game, out: Console) -> bool:
    """One game; whether it was played to its end."""
    while True:
        if out.is_terminal:
            out.clear()
        out.print(game.picture())
        if game.over:
            return True
        text = _line(out, "> ")
        if text in (None, "quit", "q", "exit"):
            return False
        game.enter(text or "")


def _line(out: Console, prompt: str) -> str | None:
    """What was typed; None at the end of the input."""
    try:
        return out.input(prompt, markup=False).strip()
    except (EOFError, KeyboardInterrupt) as left:
        out.print()  # what comes next does not stand behind the prompt
        if isinstance(left, KeyboardInterrupt):
            raise
        return None
