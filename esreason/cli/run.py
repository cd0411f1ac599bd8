"""`esreason run`: fine-tune a model by evolution strategies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from esreason.cli.options import SETTINGS, AsJson, Device, Limit, OwnTasks, Quiet, Ray, Workers, settings


@settings(*SETTINGS)
def command(
    chosen: dict[str, Any],
    task: OwnTasks = None,
    limit: Limit = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="A TOML file of settings; options win over it.")
    ] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Sigma and alpha by a probe, whatever the strategy's preset or --config say.")
    ] = False,
    device: Device = None,
    workers: Workers = 0,
    ray: Ray = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The run folder, new or empty [default: runs/ENV-N].")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a model by evolution strategies on an environment; score it on the test split before and after."""
    from esreason.cli.device import place_on
    from esreason.cli.own_task import only_with_task, own_settings
    from esreason.cli.session import carry, default_folder
    from esreason.core.errors import UsageError
    from esreason.es.config import AUTO, make_config, read_settings
    from esreason.es.folder import RunFolder
    from esreason.models import bundled_for

    if auto and not chosen.keys().isdisjoint({"sigma", "alpha"}):
        raise UsageError("--auto chooses sigma and alpha: leave out --sigma and --alpha")
    given = {**(read_settings(config) if config else {}), **chosen, **({"sigma": AUTO, "alpha": AUTO} if auto else {})}
    if task is not None:
        given |= own_settings(task, limit, given)
    else:
        only_with_task(limit)
    place = place_on(device or given.get("device"), str(given.get("engine", "torch")), ray, quiet)
    complete = make_config({"model": bundled_for(str(given.get("env"))), **given, "device": place.kind})
    folder = RunFolder.create(out or default_folder(complete.env), complete)
    try:
        carry(folder, workers, ray, quiet, as_json, place.gpu)
    finally:
        folder.discard()  # a run that was refused before its first episode leaves nothing behind
