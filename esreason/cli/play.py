"""`esreason play`: a person plays in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    env: Annotated[str, typer.Option("--env", help="The environment, see `esreason envs`.")],
    level: Annotated[int, typer.Option("--level", help="The environment's level.")] = 1,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The task [default: another one each time].")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="train, validation or test.")] = "train",
) -> None:
    """Play an environment: type actions; `help`, `hint`, `undo`, `moves`, `solve` and `quit` are understood too."""
    import random

    from esreason.core.registry import env_class
    from esreason.report.console import console
    from esreason.report.game import Game

    number = random.SystemRandom().randrange(2**31) if seed is None else seed
    cls = env_class(env)
    game = Game(cls(level=level, split=split), cls.make_task(number, level, split))
    out = console()
    while True:
        if out.is_terminal:
            out.clear()
        out.print(game.picture(), markup=False)
        if game.over:
            return
        try:
            text = out.input("> ", markup=False)
        except EOFError:
            return
        if text.strip() in ("quit", "q", "exit"):
            return
        game.enter(text)
