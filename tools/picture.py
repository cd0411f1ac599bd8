"""Draws a finished run as the terminal showed it, into an SVG for the docs.

    python tools/picture.py RUN [docs/run.svg]

Everything in the picture comes from the run's own files; only the scripted players are played again.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console

from esreason.cli.session import outcome_rows
from esreason.es.files import read_lines
from esreason.es.folder import RunFolder
from esreason.report.outcome import outcomes
from esreason.report.view import View, screen

WIDTH = 100


def main(run: Path, target: Path) -> None:
    """Draw the run."""
    folder = RunFolder.open(run)
    result = folder.result()
    header, _ = folder.seedlog.read()
    view = View(phase="population", done=1)
    iterations = [line for line in read_lines(folder.metrics_path) if "median" in line]
    view.note("start", {"config": {**_config(folder), "iterations": result["iterations"]}, "facts": result})
    view.note("sigma", {"sigma": header.sigma, "alpha": header.alpha})
    winner = next(line for line in folder.transcript_lines() if line["phase"] == "tuned" and line["verdict"]["passed"])
    for record in iterations:
        view.note("iteration", record, tuple(winner["observations"]), tuple(winner["actions"]))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print("$ esreason run --env " + result["env"], style="bold green")
    console.print(screen(view, result["seconds"], WIDTH))
    console.print(
        outcomes(f"{result['env']} level {result['level']}, {result['mode']}", outcome_rows(result, folder), WIDTH)
    )
    console.save_svg(str(target), title=f"esreason run --env {result['env']}")


def _config(folder: RunFolder) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(folder.config())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "docs/run.svg"))
