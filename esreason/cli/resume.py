"""`esreason resume`: carry an interrupted run on."""

from __future__ import annotations

from esreason.cli.options import AsJson, Quiet, Ray, Run, Workers


def command(
    run: Run,
    workers: Workers = 0,
    ray: Ray = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Carry an interrupted run on, to the same result bit for bit."""
    from esreason.cli.session import carry
    from esreason.es.folder import RunFolder

    carry(RunFolder.open(run), workers, ray, quiet, as_json)
