"""Curricula and patience: functions of the seed log, so that a run that is resumed goes the same way."""

from __future__ import annotations

from typing import Any

import pytest

from esreason.core.errors import UsageError
from esreason.es.config import RunConfig, make_config
from esreason.es.curriculum import Curriculum, read_curriculum
from esreason.es.progress import Progress


def config(**given: Any) -> RunConfig:
    return make_config({"env": "sorting", "model": "sprout", **given})


def line(iteration: int, validation: float | None, mastery: float | None = None) -> dict[str, Any]:
    return {"iteration": iteration, "validation": validation, "mastery": mastery}


def test_a_level_is_left_when_it_is_mastered() -> None:
    progress = Progress(config(curriculum="1-3@0.6"), 0.0)
    levels = []
    for number, mastery in enumerate([0.5, None, 0.59, 0.6, 0.2, 0.9, 1.0]):
        progress.add([line(number, None if mastery is None else 0.0, mastery)])
        levels.append(progress.level)
    assert levels == [1, 1, 1, 2, 2, 3, 3]


def test_progress_is_the_same_read_again_at_any_point() -> None:
    settings = config(curriculum="1-4", patience=3)
    lines = [line(k, (k * 7 % 5) / 10, (k * 3 % 10) / 10) for k in range(12)]
    whole = Progress(settings, 0.1).add(lines)
    for cut in range(13):
        parts = Progress(settings, 0.1).add(lines[:cut]).add(lines[cut:])
        assert (parts.curve, parts.level, parts.fruitless) == (whole.curve, whole.level, whole.fruitless)


def test_patience_counts_validations_without_a_rise() -> None:
    progress = Progress(config(patience=2), 0.3)
    for number, (validation, fruitless, exhausted) in enumerate(
        [(0.3, 1, False), (None, 1, False), (0.4, 0, False), (0.4, 1, False), (0.1, 2, True)]
    ):
        progress.add([line(number, validation)])
        assert (progress.fruitless, progress.exhausted) == (fruitless, exhausted)
    assert progress.best == 3
    assert not Progress(config(), 0.3).add([line(k, 0.0) for k in range(50)]).exhausted


def test_a_passed_level_renews_patience() -> None:
    progress = Progress(config(curriculum="1-3", patience=2), 0.0).add([line(0, 0.0, 0.1), line(1, 0.0, 0.8)])
    assert (progress.level, progress.fruitless) == (2, 0)


def test_a_curriculum_is_tested_on_its_last_level_unless_told_otherwise() -> None:
    assert config(curriculum="2-4").level == 4
    assert config(curriculum="2-4", level=3).level == 3
    assert (config(curriculum="2-4").first_level, config(level=3).first_level) == (2, 3)
    assert read_curriculum("1-4@0.75") == Curriculum(1, 4, 0.75)


@pytest.mark.parametrize("text", ["4", "4-1", "1-1", "0-3", "1-4@", "1-4@2", "1-4@-1", "a-b", "1-\u0664", "1-99"])
def test_other_curricula_get_one_sentence(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        config(curriculum=text)
    assert "\n" not in str(caught.value)


def test_settings_that_are_not_in_use_are_not_written() -> None:
    assert not {"samples", "judgement", "curriculum", "patience"} & set(config().to_toml().split())
    written = config(patience=2, curriculum="1-3").to_toml()
    assert "patience = 2\n" in written and 'curriculum = "1-3"\n' in written
