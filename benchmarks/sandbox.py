"""Measures how many small Python programs the sandbox runs a CPU second.

    python benchmarks/sandbox.py [--programs 4000] [--repeats 5]

The CPU seconds are those of this process, the warden and the worker together; what starting and ending them takes is
left out. Every program is another text, so nothing is found in a cache.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, table, write_between

from esreason.verifiers.programs import sandbox


def spent(programs: int) -> float:
    """CPU seconds of a sandbox's whole life in which it runs so many programs on two calls each."""
    begun = sum(os.times()[:4])
    for number in range(programs):
        done = sandbox.call(f"def f(x):\n    return x + {number}", "f", [[1], [2]])
        assert [outcome.value for outcome in done] == [number + 1, number + 2]
    sandbox.close()
    return sum(os.times()[:4]) - begun


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=4_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    spent(1)
    rates = [options.programs / (spent(options.programs + 1) - spent(1)) for _ in range(options.repeats)]
    cells = [f"{statistics.median(rates):,.0f}", f"{min(rates):,.0f}-{max(rates):,.0f}"]
    text = (
        f"## The sandbox\n\n`benchmarks/sandbox.py`, {date.today().isoformat()}; {machine()}; programs of one line, "
        f"two calls each, a CPU second of all processes together; median and range of {options.repeats}.\n\n"
        + table(["programs/s", "range"], [cells])
    )
    write_between(ROOT / "docs" / "performance.md", "sandbox", text, "Performance")
    print(text)


if __name__ == "__main__":
    main()
