"""The model that a run ended with, and what it does elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from esreason.core.env import Mode
from esreason.core.task import Task
from esreason.engines.torch_engine import TorchEngine
from esreason.es.folder import RunFolder
from esreason.es.noise import CENTRE
from esreason.es.seedlog import updates
from esreason.models import model_path
from esreason.rollout.driver import Driver
from esreason.rollout.episode import Episode
from esreason.rollout.prompts import Prompts, choose_style
from esreason.rollout.unit import split


def play_elsewhere(run: Path, tasks: Sequence[Task], checkpoint: int | None = None) -> list[Episode]:
    """The episodes of a run's model on tasks of any environment, prompted as in the run and asked the same.

    `checkpoint` is the one that validation chose, or a number of iterations; 0 is the base.
    """
    folder = RunFolder.open(run)
    config, result = folder.config(), folder.result()
    header, lines = folder.seedlog.read()
    engine = TorchEngine(model_path(config.model), noise=header.noise)
    for update in updates(header, lines[: result["checkpoint"] if checkpoint is None else checkpoint]):
        engine.apply_update(update)
    style = choose_style(config.prompt, config.shots, engine.chat)
    prompts = Prompts(cast(Mode, config.mode), style, config.shots, config.max_tokens, 0.0, config.judgement)
    driver = Driver(prompts)
    return [episode for unit in split([CENTRE], tasks) for episode in driver.play(engine, unit)[0]]
