"""Times how long the command line takes to answer, cold and warm, as whole processes.

    python benchmarks/startup.py [--repeats 9]

Cold means that Python's compiled files are thrown away first; CPU seconds stand beside wall seconds, because the
machine may be shared.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, table, write_between

COMMANDS = (["envs"], ["run", "--help"], ["envs", "sudoku"], ["--help"])


def once(command: list[str], cache: str) -> tuple[float, float]:
    """Wall and CPU seconds of one process."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "esreason", *command],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPYCACHEPREFIX": cache},
    )
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    repeats = parser.parse_args().repeats
    rows = []
    for command in COMMANDS:
        cold, warm = [], []
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as cache:
                cold.append(once(command, cache))
                warm.append(once(command, cache))
        figures = [spread([pair[i] for pair in kind]) for kind in (cold, warm) for i in (0, 1)]
        rows.append([f"esreason {' '.join(command)}", *figures])
    heads = ["command", "cold, wall s", "cold, CPU s", "warm, wall s", "warm, CPU s"]
    text = (
        "## Start of the command line\n\n"
        f"`benchmarks/startup.py`, {date.today().isoformat()}; {machine()}; median (range) of {repeats}. Cold: without "
        "Python's compiled files.\n\n" + table(heads, rows)
    )
    write_between(ROOT / "docs" / "performance.md", "startup", text, "Performance")


if __name__ == "__main__":
    main()
