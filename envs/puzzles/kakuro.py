"""Kakuro with exactly one solution.

A small puzzle is shown as two lines of sums, each by the cell in which its run begins, and the rows below, for
instance `across r1c1:15 r2c1:9`, `down r1c1:11 r1c2:8 r1c3:5`, `..3`, `8..`; a right action is `r1c1=9`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.envs.digits import Digits, givens_for
from esreason.envs.grid import GridEnv
from esreason.verifiers.grids import cell_name

# rows and columns, black cells in per cent, most blank cells, givens tried without at the cost of a search
LEVELS = {
    1: (3, 0, 5, 0), 2: (3, 0, 7, 3), 3: (4, 15, 9, 1), 4: (4, 15, 16, 3), 5: (5, 20, 25, 1),
    6: (6, 25, 36, 1), 7: (7, 30, 49, 2), 8: (8, 30, 64, 2), 9: (9, 30, 81, 2), 10: (10, 30, 100, 1),
}  # fmt: skip

Run = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The cells row by row (# black), the runs with their sums, the sums as text."""

    width: int
    givens: str
    symbols: str
    sums: tuple[tuple[Run, int], ...]
    clues: str
    solution: str


class Kakuro(GridEnv[Board]):
    """Digits in runs between black cells, each run with a sum; level 1 is 3x3 with 5 blanks, 10 is 10x10 with about 50.

    The solution is the only one: a payload with none or several is refused.
    """

    name = "kakuro"
    rules = (
        "Kakuro: fill the blank cells (.) with digits from 1 to 9. A run is two or more cells side by side in a row "
        "(across) or one below the other in a column (down), up to the next black cell (#) or the edge. The digits "
        "of a run differ and add up to its sum; r1c2:16 means that the run from row 1, column 2 on adds up to 16."
    )
    answer_rule = "Answer with all cells of the finished grid, row by row, # for the black ones."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, share, blanks, guesses = LEVELS[level]
        board = _layout(rng, size, size * size * share // 100)
        white = [i for i, black in enumerate(board) if not black]
        place = {cell: number for number, cell in enumerate(white)}
        across, down = _runs("".join("#" if black else "." for black in board), size)
        runs = [[place[i] for i in run] for run in across + down]
        fill = Digits(len(white), 9, runs).solutions([1022] * len(white), 1, rng, budget=10_000)[0]
        sums = [sum(fill[i] for i in run) for run in runs]
        given = givens_for(rng, Digits(len(white), 9, cages=zip(runs, sums, strict=True)), fill, 9, blanks, guesses)
        shown = [str(v) if i in given else "." for i, v in enumerate(fill)]
        givens = "".join("#" if black else shown[place[i]] for i, black in enumerate(board))
        return {"width": size, "givens": givens, "across": sums[: len(across)], "down": sums[len(across) :]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        width, givens = payload.get("width"), payload.get("givens")
        if set(payload) != {"width", "givens", "across", "down"} or type(width) is not int or not 2 <= width <= 12:
            raise ValueError('a kakuro payload is {"width": 2 to 12, "givens": cells, "across": sums, "down": sums}')
        if not isinstance(givens, str) or not 4 <= len(givens) <= 144 or len(givens) % width:
            raise ValueError("givens are whole rows, 144 cells at most")
        if not set(givens) <= set("123456789.#") or "." not in givens:
            raise ValueError("givens are digits from 1 to 9, . for a blank, of which there is one, and # for black")
        across, down = _runs(givens, width)
        sums = (*_summed(across, payload["across"], "across"), *_summed(down, payload["down"], "down"))
        model = Digits(len(givens), 9, cages=sums)
        found = model.solutions([1022 if c == "." else 2 if c == "#" else 1 << int(c) for c in givens], 2)
        if len(found) != 1:
            raise ValueError(f"the kakuro has {'more than one' if found else 'no'} solution")
        cells = "".join("#" if given == "#" else str(v) for given, v in zip(givens, found[0], strict=True))
        return Board(width, givens, "123456789", sums, _clues(width, sums, len(across)), cells)

    @classmethod
    def _clues(cls, instance: Board) -> str:
        return instance.clues

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        for run, total in instance.sums:
            digits = [int(cells[i]) for i in run]
            if sum(digits) != total:
                return f"The run from {_span(run, instance.width)} adds up to {sum(digits)} instead of {total}."
            if len(set(digits)) != len(digits):
                return f"The run from {_span(run, instance.width)} holds a digit twice."
        return None

    @classmethod
    def _filled(cls, instance: Board) -> str:
        return instance.solution


def _span(run: Run, width: int) -> str:
    return f"{cell_name(run[0], width)} to {cell_name(run[-1], width)}"


def _clues(width: int, sums: Sequence[tuple[Run, int]], across: int) -> str:
    words = [f"{cell_name(run[0], width)}:{total}" for run, total in sums]
    return f"across {' '.join(words[:across])}\ndown {' '.join(words[across:])}\n"


def _runs(givens: str, width: int) -> tuple[list[Run], list[Run]]:
    """The runs of two or more cells across and down, in reading order of their first cells."""
    rows = [range(i, i + width) for i in range(0, len(givens), width)]
    columns = [range(c, len(givens), width) for c in range(width)]
    across, down = ([run for line in lines for run in _cut(givens, line)] for lines in (rows, columns))
    return across, sorted(down)


def _cut(givens: str, line: range) -> list[Run]:
    runs: list[list[int]] = [[]]
    for cell in line:
        if givens[cell] == "#":
            runs.append([])
        else:
            runs[-1].append(cell)
    return [tuple(run) for run in runs if len(run) > 1]


def _summed(runs: list[Run], sums: object, name: str) -> list[tuple[Run, int]]:
    if not isinstance(sums, list | tuple) or len(sums) != len(runs) or not all(type(s) is int for s in sums):
        raise ValueError(f"{name} is a list of {len(runs)} sums, one for each run in reading order")
    if any(len(run) > 9 or not 1 <= total <= 45 for run, total in zip(runs, sums, strict=True)):
        raise ValueError("a run has at most 9 cells and a sum from 1 to 45")
    return list(zip(runs, sums, strict=True))


def _layout(rng: random.Random, size: int, blacks: int) -> list[bool]:
    """A square with about so many black cells, the same turned by half a turn, in which every run has 2 to 9 cells."""
    while True:
        board = [False] * (size * size)
        for cell in rng.sample(range(size * size), size * size):
            if sum(board) >= blacks:
                break
            for place in (cell, size * size - 1 - cell):
                if not board[place] and _leaves_runs(board, size, place):
                    board[place] = True
        if size < 10 or max(len(r) for runs in _runs("".join(".#"[b] for b in board), size) for r in runs) <= 9:
            return board


def _leaves_runs(board: list[bool], size: int, cell: int) -> bool:
    """Whether a cell can become black without leaving a white neighbour alone in its row or column."""
    row, column = divmod(cell, size)
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        near, far = (row + down, column + right), (row + 2 * down, column + 2 * right)
        if min(near) < 0 or max(near) >= size or board[near[0] * size + near[1]]:
            continue
        if min(far) < 0 or max(far) >= size or board[far[0] * size + far[1]]:
            return False
    return True
