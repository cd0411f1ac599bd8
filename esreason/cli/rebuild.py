"""Rebuilding a run's weights from its base and seed log."""

from __future__ import annotations

from pathlib import Path

from esreason.core.errors import RunError, UsageError
from esreason.es.folder import RunFolder
from esreason.es.seedlog import updates
from esreason.models import model_path


def rebuild_run(run: Path, directory: Path, packed: bool = False, *, voters: bool = False) -> str:
    """Write the checkpoint that a finished run chose; the digest recomputed from the written tensors.

    RunError where a vote of several members was scored, unless the caller knows of the `voters`.
    """
    from esreason.engines import torch_checkpoint

    folder = RunFolder.open(run)
    result = folder.result()
    if result.get("voters") and not voters:
        raise RunError(f"The result of {run} is a vote of {len(result['voters'])} members: no one model has it.")
    header, lines = folder.seedlog.read()
    if packed and header.lattice is None:
        raise UsageError("only a run with --quantize can be written packed: leave out --packed")
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"{directory} is not empty: choose a new directory")
    model = model_path(folder.config().model)
    if torch_checkpoint.checkpoint_sha256(model, header.lattice) != header.base_sha256:
        raise RunError(f"The model {folder.config().model} is not the base that this run started from.")
    count = result.get("checkpoint")
    if type(count) is not int or not 0 <= count <= len(lines):
        raise RunError(f"{folder.result_path} names no checkpoint of the seed log.")
    digest = torch_checkpoint.rebuild(model, updates(header, lines[:count]), directory, header.lattice, packed)
    if digest != result.get("weights_sha256"):
        raise RunError("The seed log does not rebuild the weights that result.json names.")
    return digest
