"""Turing machines with one tape, without bounds to either side."""

from __future__ import annotations

from collections.abc import Mapping

STATES, SYMBOLS, HALT = "ABCD", "b01", "H"
"""Names of states (A comes first), what a cell holds (b is the blank), and the state that ends a run."""
BLANK = "b"

Transition = str
"""What is written, L or R, and the next state: `1RB`."""
Table = Mapping[str, Transition]
"""For a state and the symbol read, such as `A0`, what is done."""


def transitions(states: int) -> list[Transition]:
    """Every transition of a machine with so many states, in a fixed order."""
    return [f"{symbol}{way}{state}" for symbol in SYMBOLS for way in "LR" for state in (*STATES[:states], HALT)]


def run(table: Table, tape: str, max_steps: int, visited: list[str] | None = None) -> str:
    """The tape at the end, without the blanks around it, of a run that begins in A on the first cell of `tape`.

    The places of the table that the run comes to are added to `visited`. Raises ValueError with one sentence where
    it does not end within `max_steps` steps.
    """
    margin = BLANK * (max_steps + 1)
    cells, at, state = list(margin + tape + margin), max_steps + 1, "A"
    for _ in range(max_steps):
        place = state + cells[at]
        if visited is not None:
            visited.append(place)
        done = table[place]
        cells[at], state = done[0], done[2]
        at += 1 if done[1] == "R" else -1
        if state == HALT:
            return "".join(cells).strip(BLANK)
    raise ValueError(f"The machine does not halt within {max_steps} steps on {tape}.")
