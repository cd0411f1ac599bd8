"""The guide to a new environment tells the truth."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "new-environment.md").read_text(encoding="utf-8")
CODE = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
PROBE = """
levels = [esreason.list_envs("puzzles")[-1].levels, esreason.core.registry.env_class("dial").levels]
assert levels == [(1, 2, 3, 4, 5), 5]
seen = {str(esreason.make_task("dial", seed=seed).payload) for seed in range(300)}
assert len(seen) > 295, len(seen)
rng = random.Random(0)
won = 0
for seed in range(200):
    env = DialEnv(level=2)
    env.reset(seed=seed)
    while legal := env.legal_actions():
        reward = env.step(rng.choice(legal))[1]
    won += reward == 1.0 if env.verdict else 0
print(won)
"""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "dial.py").write_text(code, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "dial.py"], cwd=folder, env=environment, capture_output=True, text=True)


def test_the_environment_of_the_guide_keeps_the_contract(tmp_path: Path) -> None:
    assert len(CODE) == 1
    done = run(CODE[0] + PROBE, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" and int(done.stdout) < 10, "a random player wins less than 5 %"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("return instance.after(", "return instance.before(", "AttributeError"),
        ("return 2 * len(cls._plan(instance))", "return 1", "the episode ended before"),
        ('" ".join(plan), plan', '"*2", plan', "the solver's answer fails"),
        ("rng.sample", "random.sample", "the same seed gave two tasks"),
    ],
)
def test_its_contract_is_checked_for_real(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    assert right in CODE[0]
    done = run(CODE[0].replace(right, wrong), tmp_path)
    assert done.returncode == 1 and told in done.stderr


def test_its_files_are_where_the_guide_says() -> None:
    for path in set(re.findall(r"(?:benchmarks|envs|tests)/[a-z_]+\.py", GUIDE)):
        assert (ROOT / path).is_file(), path
