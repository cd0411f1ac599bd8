"""Sliding tiles in PDDL: from 15 tiles on more than our own search of PDDL plans can do."""

from __future__ import annotations

import random

SLIDE = """(define (domain slide) (:requirements :strips :typing :action-costs) (:types tile cell)
  (:predicates (on ?t - tile ?c - cell) (blank ?c - cell) (next ?a ?b - cell))
  (:functions (total-cost) (weight ?t - tile) - number)
  (:action move :parameters (?t - tile ?a ?b - cell)
    :precondition (and (on ?t ?a) (blank ?b) (next ?a ?b))
    :effect (and (on ?t ?b) (blank ?a) (not (on ?t ?a)) (not (blank ?b)) (increase (total-cost) (weight ?t)))))
"""


def slide(side: int, seed: int, moves: int = 3000) -> dict[str, str]:
    """A payload: a board of so many cells a side, mixed by random moves."""
    rng, cells = random.Random(seed), [(row, column) for row in range(side) for column in range(side)]
    near = {
        (r, c): [(r + a, c + b) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0)) if (r + a, c + b) in cells]
        for r, c in cells
    }
    tiles, blank = {cell: number for number, cell in enumerate(cells)}, cells[0]
    for _ in range(moves):
        other = rng.choice(near[blank])
        tiles[blank], tiles[other], blank = tiles[other], 0, other
    name = {cell: f"c{cell[0]}{cell[1]}" for cell in cells}
    numbers = range(1, len(cells))
    problem = f"""(define (problem mixed) (:domain slide)
      (:objects {' '.join(f't{number}' for number in numbers)} - tile {' '.join(name.values())} - cell)
      (:init (= (total-cost) 0) {' '.join(f'(= (weight t{number}) {number})' for number in numbers)}
        {' '.join(f'(next {name[a]} {name[b]})' for a in cells for b in near[a])}
        {' '.join(f'(on t{number} {name[cell]})' for cell, number in tiles.items() if number)} (blank {name[blank]}))
      (:goal (and {' '.join(f'(on t{number} {name[cells[number]]})' for number in numbers)}))
      (:metric minimize (total-cost)))
    """
    return {"domain": SLIDE, "problem": problem}
