"""Settings of a run: validated, complete, the same as TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from esreason.core.errors import UnknownNameError, UsageError
from esreason.es.config import make_config, read_toml

BASE = {"env": "sudoku", "model": "sprout"}


def test_a_config_survives_toml(tmp_path: Path) -> None:
    config = make_config({**BASE, "sigma": 0.02, "model": 'a "quoted" \\ name\t', "seed": 7})
    path = tmp_path / "c.toml"
    path.write_text(config.to_toml())
    assert make_config(read_toml(path)) == config


def test_presets_fill_in_and_the_user_wins() -> None:
    assert make_config({**BASE, "strategy": "es-at-scale"}).population == 30
    assert make_config({**BASE, "strategy": "es-at-scale"}).noise == "dense"
    assert make_config({**BASE, "strategy": "es-at-scale", "population": 10}).population == 10


def test_unknown_settings_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="population"):
        make_config({**BASE, "populaton": 3})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"population": 63}, "even"),
        ({"population": "64"}, "whole number"),
        ({"population": True}, "whole number"),
        ({"sigma": "large"}, "auto"),
        ({"sigma": 0.0}, "above 0"),
        ({"sigma": float("nan")}, "above 0"),
        ({"alpha": float("inf")}, "above 0"),
        ({"level": 0}, "level"),
        ({"level": 99}, "levels 1 to 10"),
        ({"iterations": -1}, "between"),
        ({"temperature": float("nan")}, "is a number"),
        ({"noise": "lowrnk"}, "lowrank"),
        ({"mode": "both"}, "steps"),
        ({"env": "sudokku"}, "sudoku"),
        ({"strategy": "mirored"}, "mirrored"),
        ({"seed": -1}, "between 0 and 2,147,483,648"),
        ({"model": 3}, "is a text"),
        ({"mirrored": 1}, "true or false"),
        ({"population": 65_538}, "65,536"),
    ],
)
def test_wrong_values_get_one_sentence(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        make_config({**BASE, **wrong})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["= 3", "a = [", "\0", "x = 1\nx = 2"])
def test_broken_toml_is_a_usage_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(text)
    with pytest.raises(UsageError):
        read_toml(path)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_toml(tmp_path / "none.toml")
