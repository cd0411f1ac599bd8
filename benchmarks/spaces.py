"""How many tasks a level has, as far as repeats tell: draws from seeds that no test uses.

Prints for each level the effective number of tasks, 1 / (probability that two draws are the same task), with its
standard error; what an environment states as `task_space` is checked by tests/envs/test_splits.py on other seeds.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from hashlib import sha256
from math import sqrt
from random import Random

from esreason.core.registry import env_class

FIRST = 7_000_000


def estimate(name: str, level: int, draws: int) -> tuple[float, float]:
    """The effective number of tasks and its standard error, from pairs of equal tasks among so many draws."""
    cls, seen = env_class(name), Counter[bytes]()
    for seed in range(FIRST, FIRST + draws):
        payload = cls._generate(Random(f"{name} {level} {seed}"), level)
        text = json.dumps(cls._identity(payload), sort_keys=True)
        seen[sha256(text.encode()).digest()] += 1
    pairs = sum(count * (count - 1) // 2 for count in seen.values())
    space = draws * (draws - 1) / 2 / max(pairs, 0.5)
    return space, space / sqrt(max(pairs, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME:LEVEL", help="such as factor:1")
    parser.add_argument("--draws", type=int, default=3_000)
    arguments = parser.parse_args()
    for item in arguments.names:
        name, _, level = item.partition(":")
        space, error = estimate(name, int(level), arguments.draws)
        print(f"{name} level {level}: {space:,.0f} ± {error:,.0f}", flush=True)


if __name__ == "__main__":
    main()
