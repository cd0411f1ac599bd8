"""Installed packages plug in through entry points, without being able to break or to shadow anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MODULE = """
from tests.core._toy import Count

class Good(Count):
    '''A toy from a plug-in.'''

class Third(Count):
    version = 3

class Shadow(Count):
    rules = "Shadow."

def judge(task, answer):
    return answer == "yes"

NOT_AN_ENV = 7
"""
ENTRY_POINTS = """
[esreason.envs]
plugged-env = {module}:Good
third-env = {module}:Third
broken-env = {module}_missing:Env
lost-env = {module}:NoSuchClass
wrong-env = {module}:NOT_AN_ENV
sudoku = {module}:Shadow
Bad Name = {module}:Good

[esreason.verifiers]
plugged-judge = {module}:judge
broken-judge = {module}_missing:judge
wrong-judge = {module}:NOT_AN_ENV
hanoi = {module}:judge
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as an installer leaves it: a module and its dist-info."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "toy_plugin.py").write_text(MODULE, encoding="utf-8")
    info = folder / "toy_plugin-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-plugin\nVersion: 1.2\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS.format(module="toy_plugin"), encoding="utf-8")
    return folder


def run(site: Path, code: str) -> tuple[Any, str]:
    """The JSON that a fresh process prints, and what it says on stderr."""
    path = os.pathsep.join([str(site), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", f"import json, gymnasium, esreason\n{code}"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout), done.stderr


def test_a_plug_in_works_by_name_and_id(site: Path) -> None:
    code = """
task = esreason.make_task("plugged-env", seed=4)
env = gymnasium.make("esreason/PluggedEnv-v0")
obs, info = env.reset(seed=4)
esreason.check_env("plugged-env")
passed = esreason.verify("plugged-env", task, esreason.solve(task).answer).passed
print(json.dumps([info["task"] == task.to_dict(), passed]))
"""
    assert run(site, code)[0] == [True, True]


def test_gymnasium_finds_a_plug_in_that_nothing_else_has_used(site: Path) -> None:
    code = 'print(json.dumps(gymnasium.make("esreason/PluggedEnv-v0").unwrapped.name))'
    assert run(site, code)[0] == "plugged-env"


def test_a_later_version_has_its_own_id(site: Path) -> None:
    code = """
esreason.list_envs()
ids = [i for i in gymnasium.registry if "Third" in i]
print(json.dumps([ids, gymnasium.make("esreason/ThirdEnv-v3").unwrapped.version]))
"""
    assert run(site, code)[0] == [["esreason/ThirdEnv-v3"], 3]


def test_a_verifier_plugs_in(site: Path) -> None:
    code = """
task = esreason.make_task("sudoku", seed=4)
print(json.dumps([esreason.verify("plugged-judge", task, text).passed for text in ("yes", "no")]))
"""
    assert run(site, code)[0] == [True, False]


def test_lists_name_plug_ins_and_their_origin(site: Path) -> None:
    code = """
info = {info.name: info for info in esreason.list_envs()}
it = info["plugged-env"]
print(json.dumps([it.family, it.summary, it.origin, it.id, esreason.list_verifiers(), sorted(info)]))
"""
    (family, summary, origin, identifier, verifiers, names), _ = run(site, code)
    assert (family, summary, origin) == ("plug-in", "A toy from a plug-in.", "toy-plugin")
    assert identifier == "esreason/PluggedEnv-v0" and verifiers == ["plugged-judge"]
    assert not {"broken-env", "lost-env", "wrong-env", "Bad Name"} & set(names)


def test_broken_and_shadowing_plug_ins_are_named_once_and_skipped(site: Path) -> None:
    code = """
esreason.list_envs(), esreason.list_envs(), esreason.list_verifiers()
print(json.dumps(esreason.core.registry.env_class("sudoku").__module__))
"""
    module, complaints = run(site, code)
    assert module == "esreason.envs.puzzles.sudoku"
    lines = complaints.splitlines()
    assert all(line.startswith("esreason: skipped the ") and "of toy-plugin 1.2: " in line for line in lines)
    named = {line.split("'")[1]: line for line in lines}
    assert len(lines) == len(named) == 8
    assert "ModuleNotFoundError" in named["broken-env"] and "ModuleNotFoundError" in named["broken-judge"]
    assert "AttributeError" in named["lost-env"]
    assert "not a ReasoningEnv subclass" in named["wrong-env"] and "not a function" in named["wrong-judge"]
    assert "the name is taken" in named["sudoku"] and "the name is taken" in named["hanoi"]
    assert "lower-case words" in named["Bad Name"]


def test_a_broken_plug_in_is_an_unknown_name(site: Path) -> None:
    code = """
try:
    esreason.make_task("broken-env", seed=1)
except esreason.EsreasonError as error:
    print(json.dumps([str(error), error.exit_code]))
"""
    (sentence, exit_code), complaints = run(site, code)
    assert sentence.startswith("There is no environment named 'broken-env'") and exit_code == 2
    assert "skipped the environment 'broken-env'" in complaints


def test_a_decorator_cannot_shadow_a_plug_in(site: Path) -> None:
    code = """
try:
    esreason.register_env("plugged-env")
except ValueError as error:
    print(json.dumps(str(error)))
"""
    assert run(site, code)[0] == "the name 'plugged-env' is taken"


def test_nothing_of_a_plug_in_is_imported_before_its_use(site: Path) -> None:
    code = """
import sys
esreason.make_task("sudoku", seed=1)
print(json.dumps("toy_plugin" in sys.modules))
"""
    assert run(site, code) == (False, "")
