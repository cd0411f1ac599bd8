"""What the command line takes, says of itself, and refuses."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from esreason.cli import COMMANDS, run
from esreason.cli.options import SETTINGS, settings
from esreason.es.config import CHOICES, RunConfig
from esreason.es.strategies import BUILTIN
from tests.cli.conftest import call


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained_within_the_terminal(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    begin = lines.index("Options:") + 1
    options = [i for i in range(begin, len(lines)) if lines[i].startswith("  --")]
    assert options
    for i in options:
        told = lines[i].split("  ", 2)[-1] if lines[i].count("  ") > 1 else ""
        assert told.strip() or lines[i + 1].startswith("    "), lines[i]


@pytest.mark.usefixtures("wide")
def test_the_help_of_run_names_every_choice_and_default(capsys: pytest.CaptureFixture[str]) -> None:
    run(["run", "--help"])
    told = " ".join(capsys.readouterr().out.split()).replace("- ", "-")
    for name in SETTINGS:
        assert f"--{name.replace('_', '-')} " in told
        assert all(choice in told for choice in CHOICES.get(name, ()))
    assert all(name in told for name in BUILTIN)
    assert told.count("[default") >= len(SETTINGS) - 1  # an environment has none
    assert "[default: task-zscore]" in told
    assert SETTINGS.keys() <= {field.name for field in fields(RunConfig)}


def test_a_command_hears_of_the_settings_that_were_given_and_of_no_others() -> None:
    heard: dict[str, Any] = {}

    @settings("env", "level", "sigma", "temperature")
    def command(chosen: dict[str, Any], more: int = 3) -> None:
        heard.update(chosen, more=more)

    command(env=None, level=2, sigma="auto", temperature=None, more=4)
    assert heard == {"level": 2, "sigma": "auto", "more": 4}


def test_a_second_task_is_refused_and_of_other_options_the_last_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--env", "pddl", "--task", "a", "b", "--task", "c", "d"]) == 2
    assert "--task is given twice" in capsys.readouterr().err
    assert run(["eval", "--policy", "solver", "--env", "hanoi", "--episodes", "9", "--episodes", "2", "--json"]) == 0
    assert '"n": 2' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("package", "arguments"),
    [("cma", ["run", "--env", "sorting", "--strategy", "essa"]), ("ray", ["run", "--env", "sorting", "--ray", "local"]),
     ("matplotlib", ["diagnose", "--env", "sorting", "--out", "found"])],
)  # fmt: skip
def test_a_missing_package_is_named_before_anything_is_played(
    package: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("esreason.executors.local.LocalPool", None)  # nobody may start a worker
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert f"needs {package}: pip install 'esreason[" in said
    assert len(said.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--env", "sudoku", "--workers", "-1"], "greater than or equal to 0. See `esreason run --help`."),
        (["run", "--env", "sudoku", "--seed", "-5"], "seed is between 0 and 2,147,483,648, not -5"),
        (["run", "--env", "sudoku", "--temperature", "nan"], "temperature is a number, not nan"),
        (["eval", "--env", "hanoi", "--policy", "ramdom"], "did you mean 'random'?"),
        (["verify", "un\x1b[2Jready"], "un\\x1b[2Jready is no run folder"),
    ],
)
def test_a_refusal_is_a_sentence_that_cannot_move_the_cursor(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) in (1, 2)
    said = capsys.readouterr().err
    assert says in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_narrow_terminal_without_unicode_cuts_no_figure_short(encoding: str, tmp_path: Path) -> None:
    done = call("eval", "--env", "hanoi", "--policy", "solver", "--episodes", "3", cwd=tmp_path,
                COLUMNS="40", PYTHONIOENCODING=encoding)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    row = done.stdout.splitlines()[-1]
    assert row.startswith("solver")
    assert "100.0 %" in row
    assert "[43.9, 100.0]" in row
    assert ("#" if encoding == "ascii" else "█") in row
