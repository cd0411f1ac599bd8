"""`esreason resume`: carry an interrupted run on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes of one thread [default: all cores].")] = 0,
    ray: Annotated[str | None, typer.Option("--ray", help="A Ray pool instead: local, or a cluster's address.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the outcome.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Carry an interrupted run on, to the same result bit for bit."""
    from esreason.cli.session import carry
    from esreason.es.folder import RunFolder

    carry(RunFolder.open(run), workers, ray, quiet, as_json)
