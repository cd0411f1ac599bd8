"""`esreason resume`: carry an interrupted run on."""

from __future__ import annotations

from esreason.cli.options import AsJson, OwnDevice, Quiet, Ray, Run, Workers


def command(
    run: Run,
    device: OwnDevice = None,
    workers: Workers = 0,
    ray: Ray = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Carry an interrupted run on, to the same result bit for bit."""
    from esreason.cli.device import own_place
    from esreason.cli.session import carry
    from esreason.core.errors import UsageError
    from esreason.es.folder import RunFolder

    folder = RunFolder.open(run)
    own, place = folder.config().device, own_place(folder.config(), device, ray)
    if place.kind != own:
        raise UsageError(f"{run} began on {own} and goes on there, for {place.kind} rounds differently: --device {own}")
    carry(folder, workers, ray, quiet, as_json, place.gpu)
