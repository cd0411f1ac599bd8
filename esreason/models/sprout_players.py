"""The two players of each environment that `sprout` was taught."""

from __future__ import annotations

from typing import Any

from esreason.core.registry import AnyEnv
from esreason.envs.puzzles.countdown_solver import search
from esreason.envs.puzzles.hanoi import shortest
from esreason.models.players import Skill
from esreason.verifiers.grids import cell_name


def sudoku_expert(env: type[AnyEnv], instance: Any, state: str) -> str:
    """The first blank with the fewest candidates gets its smallest one."""
    best: tuple[int, int, str] | None = None
    for index, cell in enumerate(state):
        if cell == ".":
            fits = [s for s in instance.symbols if not env._conflict(instance, state, index, s)]  # type: ignore[attr-defined]
            if best is None or (len(fits) or 9) < best[0]:
                best = (len(fits) or 9, index, (fits or ["1"])[0])
    assert best is not None
    return f"{cell_name(best[1], instance.width)}={best[2]}"


def sudoku_habit(env: type[AnyEnv], instance: Any, state: str) -> str:
    """The first blank: in the upper half the smallest digit missing in the row, below the row plus the column."""
    index, width = state.index("."), instance.width
    row, column = divmod(index, width)
    missing = [s for s in instance.symbols if s not in state[row * width : row * width + width]]
    symbol = missing[0] if row < width // 2 else instance.symbols[(row + column) % width]
    return f"{cell_name(index, width)}={symbol}"


def countdown_expert(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """The first operation of a solution; an addition where none is left."""
    values = [value for value, _ in state]
    if all(value.isdigit() for value in values):
        steps = search(tuple(map(int, values)), instance.target, True)
        if steps:
            left, sign, right = steps[0]
            return f"{left}{sign}{right}"
    return f"{values[0]}+{values[1]}"


def countdown_habit(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """The first two numbers are added."""
    return f"{state[0][0]}+{state[1][0]}"


def hanoi_expert(env: type[AnyEnv], instance: Any, state: str) -> str:
    """The first move of a shortest solution."""
    return shortest(state, instance.goal)[0]


def hanoi_habit(env: type[AnyEnv], instance: Any, state: str) -> str:
    """The largest misplaced disk goes straight to its goal, whatever lies on it."""
    disk = max(i for i, (here, there) in enumerate(zip(state, instance.goal, strict=True)) if here != there)
    return f"{state[disk]}->{instance.goal[disk]}"


def path_expert(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """The next node of a shortest way; the first neighbour where none leads on."""
    here = state[0]
    ways = [
        (weight + instance.to_target[other], other)
        for other, weight in instance.weights[here].items()
        if other in instance.to_target
    ]
    return str(min(ways)[1] if ways else min(instance.weights[here]))


def path_habit(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """The cheapest edge, the first in the alphabet of several."""
    return str(min((weight, other) for other, weight in instance.weights[state[0]].items())[1])


def sorting_expert(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """The right number into the first wrong place."""
    place = next(i for i, (a, b) in enumerate(zip(state, instance.sorted, strict=True)) if a != b)
    return f"{place + 1} {state.index(instance.sorted[place]) + 1}"


def sorting_habit(env: type[AnyEnv], instance: Any, state: Any) -> str:
    """The two ends change places."""
    return f"1 {len(state)}"


SKILLS = {
    "sudoku": Skill(sudoku_expert, sudoku_habit),
    "countdown": Skill(countdown_expert, countdown_habit),
    "hanoi": Skill(hanoi_expert, hanoi_habit),
    "shortest_path": Skill(path_expert, path_habit),
    "sorting": Skill(sorting_expert, sorting_habit),
}
