"""Plots of runs: what they show is what the files say."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from subprocess import run
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from esreason.report.plots import Rate, fitness_distribution, learning_curve, success_by_level
from tests.cli.conftest import call

Tiny = tuple[Path, dict[str, Any]]


def test_the_plots_of_a_run_are_written_and_the_same_again(tiny_run: Tiny, tmp_path: Path) -> None:
    done = call("plot", tiny_run[0], "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    files = [tmp_path / name for name in json.loads(done.stdout)["files"]]
    assert [str(path.relative_to(tmp_path)) for path in files] == [
        "plots/run/learning-curve.svg", "plots/run/fitness.svg", "plots/sorting-levels.svg"
    ]  # fmt: skip
    texts = [re.findall(r">([^<>]+)</text>", path.read_text()) for path in files]
    assert "iteration" in texts[0] and "tuned, test (n = 12)" in texts[0]
    assert "fitness of the members" in texts[1] and "level" in texts[2]
    first = [path.read_bytes() for path in files]
    assert call("plot", tiny_run[0], cwd=tmp_path).returncode == 0
    assert [path.read_bytes() for path in files] == first


def test_the_lines_are_the_numbers() -> None:
    made = learning_curve("t", [Rate(0, 0.25, 128), Rate(5, 0.5, 128)], {"tuned": Rate(5, 0.5, 400)})
    [line, *_] = made.axes[0].get_lines()
    assert np.array_equal(line.get_xydata(), [[0, 0.25], [5, 0.5]])
    band = made.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    interval = binomtest(32, 128).proportion_ci(method="wilson")
    assert interval.low == pytest.approx(band[(band < 0.25)].min())
    made = fitness_distribution("t", [[0.0, 0.25, 0.5, 1.0, 0.25], [0.5] * 5])
    [median] = made.axes[0].get_lines()
    assert np.array_equal(median.get_xydata(), [[1, 0.25], [2, 0.5]])
    made = success_by_level("t", {"base": [Rate(1, 0.5, 10), Rate(2, 0.1, 10)]})
    assert list(made.axes[0].get_xticks()) == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [(["plot", "nowhere"], 1, "no run folder"), (["plot", "nowhere", "--format", "gif"], 2, "svg, png, pdf")],
)
def test_errors_are_one_sentence(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    done = call(*arguments, cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1)
    assert says in done.stderr


def test_without_matplotlib_a_sentence_says_how_to_get_it(tiny_run: Tiny, tmp_path: Path) -> None:
    code = "import sys; sys.modules['matplotlib'] = None; from esreason.cli import main; main(sys.argv[1:])"
    done = run([sys.executable, "-c", code, "plot", str(tiny_run[0])], cwd=tmp_path, capture_output=True, text=True,
               check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "esreason: plot needs matplotlib: pip install 'esreason[plots]'\n")
