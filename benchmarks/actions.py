"""How many actions the solver's solutions take, level by level: nothing is timed, so any machine counts the same.

Writes esreason/report/data/actions.json; docs/gallery.md (`benchmarks/gallery.py`) shows the means.
"""

from __future__ import annotations

import statistics
import sys

from _tables import Row, chosen, measure

from esreason.core.registry import env_class

TASKS, FIRST = 60, 2


def of(name: str) -> Row:
    """By level: the mean number of actions, its standard error, and those of the first tasks."""
    cls, rows = env_class(name), dict[str, Row]()
    for level in range(1, cls.levels + 1):
        lengths = [len(cls.solve(cls.make_task(seed, level)).actions) for seed in range(TASKS)]
        mean, error = statistics.mean(lengths), statistics.stdev(lengths) / TASKS**0.5
        rows[str(level)] = {"mean": float(f"{mean:.4g}"), "error": float(f"{error:.4g}"), "first": lengths[:FIRST]}
    return {"tasks": TASKS, "levels": rows}


def main() -> None:
    arguments = chosen(__doc__)
    measure("actions", arguments, of)
    sys.exit(1 if arguments.failed else 0)


if __name__ == "__main__":
    main()
