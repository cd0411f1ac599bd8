"""`esreason envs`: list environments, or show one."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer


def command(
    name: Annotated[str | None, typer.Argument(help="An environment: its card with an example episode.")] = None,
    family: Annotated[str | None, typer.Option("--family", help="Only environments of this family.")] = None,
    level: Annotated[int, typer.Option("--level", help="The level of the example episode.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print EnvInfo objects as JSON.")] = False,
) -> None:
    """List environments by family, or show the card of one."""
    from esreason import list_envs
    from esreason.core.registry import env_info
    from esreason.report.console import TABLE, console

    if name is not None:
        info = env_info(name)
        if as_json:
            print(json.dumps(asdict(info)))
            return
        from esreason.report.card import card

        console().print(card(info, level))
        return
    infos = list_envs(family)
    if as_json:
        print(json.dumps([asdict(info) for info in infos]))
        return
    from esreason.report.catalogue import catalogue

    out = console(least=TABLE)
    out.print(catalogue(infos, out.width))
