"""`esreason export`: write a run's tuned model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from esreason.cli.options import AsJson, Run


def command(
    run: Run,
    directory: Annotated[Path, typer.Argument(help="Where to write the Hugging Face directory (new or empty).")],
    packed: Annotated[
        bool, typer.Option("--packed", help="Keep the codes of a quantised run, as compressed-tensors (for vLLM).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild the tuned model from base and seed log, and write it as a Hugging Face directory."""
    from esreason.cli.rebuild import rebuild_run

    digest = rebuild_run(run, directory, packed)
    if as_json:
        print(json.dumps({"dir": str(directory), "weights_sha256": digest}))
    else:
        print(f"{directory}\nweights_sha256 {digest}")
