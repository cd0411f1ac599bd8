"""`esreason study`: repeat a comparison at equal budgets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from esreason.cli.options import AsJson, Workers


def command(
    name: Annotated[str | None, typer.Argument(help="The study; without it they are listed.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A small form: minutes on one core.")] = False,
    seeds: Annotated[int | None, typer.Option("--seeds", min=2, help="Seeds [default: the study's own].")] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="A model directory or hub id [default: the bundled one that plays the study]."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The study's folder [default: runs/study-NAME, -quick with --quick].")
    ] = None,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Repeat a comparison at equal budgets; write its record, tables and plots.

    A study that was interrupted goes on where it stopped when the command is repeated.
    """
    from esreason.report.console import console
    from esreason.report.sheet import Sheet, sheet_table
    from esreason.studies import STUDIES

    if name is None:
        if as_json:
            print(json.dumps(STUDIES))
        else:
            listed = Sheet(f"{len(STUDIES)} studies", ("name", "what it puts to the test"), tuple(STUDIES.items()))
            console().print(sheet_table(listed, numbers=False))
        return
    from esreason.studies.bench import Bench
    from esreason.studies.study import carry, default_model, study

    out = out or Path("runs") / f"study-{name}{'-quick' if quick else ''}"
    log = console(stderr=True)
    model = model or default_model(name, quick)
    bench = Bench(out, model, quick, workers, lambda text: log.print(text, soft_wrap=True, markup=False))
    record = carry(name, bench, seeds)
    if as_json:
        print(json.dumps(record))
        return
    shown = console(least=200)  # a figure cut short is worse than a line that the terminal wraps
    for sheet in study(name).sheets(record["rows"]):
        shown.print(sheet_table(sheet), "")
    shown.print(f"The record, tables, plots and runs are in {out}.", soft_wrap=True, markup=False)
