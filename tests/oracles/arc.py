"""Grids compared as arrays; programs of the grid language run with numpy and networkx."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.int64]
TURNS = ["rot90", "rot180", "rot270", "flip_h", "flip_v", "transpose"]
PLAIN = [*TURNS, "crop", "scale", "fall", "largest", "mirror_h", "mirror_v", "repeat_h", "repeat_v", "left_half",
         "top_half"]  # fmt: skip


def _parts(mask: npt.NDArray[np.bool_]) -> list[set[tuple[int, int]]]:
    """Cells of a mask that touch by their sides, the part that begins first in reading order first."""
    graph = nx.grid_2d_graph(*mask.shape)
    graph.remove_nodes_from([node for node in list(graph) if not mask[node]])
    return sorted(nx.connected_components(graph), key=min)


def _stage(words: list[str], grid: Array) -> Array | None:
    match words:
        case ["rot90" | "rot180" | "rot270" as name]:
            return np.rot90(grid, {"rot90": 3, "rot180": 2, "rot270": 1}[name])
        case ["flip_h"]:
            return np.fliplr(grid)
        case ["flip_v"]:
            return np.flipud(grid)
        case ["transpose"]:
            return grid.T
        case ["crop"]:
            rows, columns = np.nonzero(grid)
            return grid[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] if rows.size else None
        case ["scale"]:
            return np.kron(grid, np.ones((2, 2), dtype=np.int64))
        case ["fall"]:
            order = np.argsort(grid != 0, axis=0, kind="stable")
            return np.take_along_axis(grid, order, axis=0)
        case ["largest"]:
            parts = [part for color in range(1, 10) for part in _parts(grid == color)]
            if not parts:
                return None
            best = min(parts, key=lambda part: (-len(part), min(part)))
            return np.array([[c if (i, j) in best else 0 for j, c in enumerate(row)] for i, row in enumerate(grid)])
        case ["mirror_h"]:
            return np.hstack([grid, np.fliplr(grid)])
        case ["mirror_v"]:
            return np.vstack([grid, np.flipud(grid)])
        case ["repeat_h"]:
            return np.tile(grid, (1, 2))
        case ["repeat_v"]:
            return np.tile(grid, (2, 1))
        case ["left_half"]:
            return grid[:, : grid.shape[1] // 2]
        case ["top_half"]:
            return grid[: grid.shape[0] // 2]
        case ["keep" | "fill" | "frame" as name, color] if re.fullmatch("[1-9]", color):
            return _colored(name, int(color), grid)
        case ["recolor", a, b] if re.fullmatch("[0-9]", a) and re.fullmatch("[0-9]", b) and a != b:
            return np.where(grid == int(a), int(b), grid)
        case ["exchange", a, b] if re.fullmatch("[1-9]", a) and re.fullmatch("[1-9]", b) and a < b:
            return np.where(grid == int(a), int(b), np.where(grid == int(b), int(a), grid))
    return None


def _colored(name: str, color: int, grid: Array) -> Array:
    if name == "keep":
        return np.where(grid == color, grid, 0)
    if name == "frame":
        return np.pad(grid, 1, constant_values=color)
    filled = grid.copy()
    for part in _parts(grid == 0):
        inner = all(0 < i < grid.shape[0] - 1 and 0 < j < grid.shape[1] - 1 for i, j in part)
        for cell in part if inner else ():
            filled[cell] = color
    return filled


def run(program: str, grid: Array) -> Array | None:
    stages = [stage.split() for stage in program.strip().split("|")]
    if not 1 <= len(stages) <= 12:
        return None
    made: Array | None = grid
    for words in stages:
        made = None if made is None else _stage(words, made)
        if made is None or made.size == 0 or max(made.shape) > 30:
            return None
    return made


def judge(payload: dict[str, Any], answer: str) -> bool:
    wanted = [np.array(grid) for grid in payload["expected"]]
    if any(letter.isalpha() for letter in answer):
        made = [run(answer, np.array(grid)) for grid in payload["test"]] if answer.isascii() else [None]
        return all(m is not None and np.array_equal(m, w) for m, w in zip(made, wanted, strict=False)) and len(
            made
        ) == len(wanted)
    grids: list[list[list[int]]] = [[]]
    for line in re.split("[/\n]", answer):
        row = re.sub(r"[ \t\r,\[\]|]", "", line)
        if not row.replace("-", ""):
            grids.append([])
        elif not re.fullmatch("[0-9]{1,30}", row):
            return False
        else:
            grids[-1].append([int(digit) for digit in row])
    found = [grid for grid in grids if grid]
    return found == [grid.tolist() for grid in wanted]


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    others = (
        [pair["output"] for pair in payload["train"]] + payload["test"] + [pair["input"] for pair in payload["train"]]
    )
    while True:
        rows = [list(row) for row in answer.split("\n")]
        i = rng.randrange(len(rows))
        kind = rng.randrange(7)
        if kind == 0:
            rows[i][rng.randrange(len(rows[i]))] = rng.choice("0123456789")
        elif kind == 1:
            rows = rows[::-1] if rng.random() < 0.5 else [row[::-1] for row in rows]
        elif kind == 2:
            rows.insert(i, rng.choice(rows))
        elif kind == 3:
            del rows[i]
        elif kind == 4:
            rows = [[str(cell) for cell in row] for row in rng.choice(others)]
        elif kind == 5:
            names = [
                *PLAIN,
                "keep 1",
                "fill 2",
                "frame 3",
                "recolor 1 2",
                "exchange 1 2",
                "recolor 1",
                "rotate",
                "crop 1",
            ]
            yield rng.choice([" | ", "|"]).join(rng.choices(names, k=rng.randrange(1, 4)))
            continue
        else:
            swapped = rng.sample("0123456789", 2)
            rows = [[swapped[1] if cell == swapped[0] else cell for cell in row] for row in rows]
        yield "\n".join("".join(row) for row in rows)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    stages = [f"{name} {c}" for name in ("keep", "fill", "frame") for c in range(1, 10)] + PLAIN
    stages += [f"recolor {a} {b}" for a in range(10) for b in range(10) if a != b]
    stages += [f"exchange {a} {b}" for a in range(1, 10) for b in range(a + 1, 10)]
    programs = [stage for stage in stages if judge(payload, stage)]
    while True:
        rows = [rng.choice(["", " ", ", ", ","]).join(row) for row in answer.split("\n")]
        left, right = rng.choice([("", ""), ("[", "]"), ("|", "|"), (" ", " ")])
        text = rng.choice(["\n", "\r\n", "/", " / "]).join(f"{left}{row}{right}" for row in rows)
        yield rng.choice([text, *programs])
