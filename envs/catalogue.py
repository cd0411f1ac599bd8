"""Every built-in environment, a line each; nothing is imported until it is played."""

from __future__ import annotations

from typing import NamedTuple

from esreason.core.registry import add_builtin, add_source


class Line(NamedTuple):
    """The class in the module `esreason.envs.<family>.<name>`, and what a list shows of it."""

    cls: str
    summary: str
    levels: int = 10
    version: int = 0


PUZZLES = {
    "sudoku": Line("Sudoku", "fill a 4x4 or 9x9 grid that has exactly one solution"),
    "futoshiki": Line("Futoshiki", "fill a Latin square that obeys its inequality signs"),
    "kakuro": Line("Kakuro", "fill runs of different digits that add up to given sums"),
    "kakurasu": Line("Kakurasu", "mark cells whose positions add up to the sums of rows and columns"),
    "hitori": Line("Hitori", "shade repeated digits and keep the rest connected"),
    "killer_sudoku": Line("KillerSudoku", "fill a sudoku whose cages have sums"),
    "magic_square": Line("MagicSquare", "complete a square of numbers with equal sums in all lines"),
    "minesweeper": Line("Minesweeper", "find the mines that the numbers on the table prove"),
    "nonogram": Line("Nonogram", "paint a picture from the lengths of its runs"),
    "skyscrapers": Line("Skyscrapers", "fill a Latin square of heights from what is seen at its edges"),
    "star_battle": Line("StarBattle", "place stars that do not touch, as many in each row, column and region"),
    "takuzu": Line("Takuzu", "fill a grid with zeros and ones, never three in a row"),
    "tents": Line("Tents", "pitch a tent beside each tree, so many in each row and column"),
    "countdown": Line("Countdown", "reach a target from given numbers with + - * /"),
    "zebra": Line("Zebra", "place values in a row of houses by clues with exactly one solution"),
    "knights_knaves": Line("KnightsKnaves", "find out who tells the truth and who lies"),
    "cryptarithm": Line("Cryptarithm", "find the digits behind the letters of a sum"),
    "hashi": Line("Hashi", "join islands with bridges in the only way"),
    "lights_out": Line("LightsOut", "switch every light off by presses that change their neighbours too"),
    "n_queens": Line("NQueens", "complete a board of queens that do not attack each other"),
    "mastermind": Line("Mastermind", "find the only code that fits the feedback on guesses"),
    "fifteen_puzzle": Line("FifteenPuzzle", "slide tiles from any board to any other that can be reached"),
    "peg_solitaire": Line("PegSolitaire", "jump until one peg is left, in the marked hole"),
    "knights_tour": Line("KnightsTour", "visit every free cell once by knight's leaps"),
    "game24": Line("Game24", "make 24 with four numbers and + - * /"),
    "slitherlink": Line("Slitherlink", "find the one loop that runs along as many sides as the numbers say"),
    "hanoi": Line("Hanoi", "move disks between three pegs from any position to any other"),
    "sorting": Line("Sorting", "sort numbers by swaps"),
}

PLANNING = {
    "sokoban": Line("Sokoban", "push every box onto a goal"),
    "blocksworld": Line("Blocksworld", "restack blocks one at a time"),
    "maze_keys": Line("MazeKeys", "find the keys that open the way out of a maze"),
    "grid_navigation": Line("GridNavigation", "steer a robot that turns and drives to every flag"),
    "jugs": Line("WaterJugs", "measure litres by filling, emptying and pouring jugs"),
    "logistics": Line("Logistics", "bring packages to their places by truck and plane"),
    "gripper": Line("Gripper", "carry balls between rooms with two hands"),
    "elevator": Line("Elevator", "bring people to their floors with an elevator"),
    "ferry": Line("Ferry", "bring cars to their ports with a ferry that holds one"),
    "river_crossing": Line("RiverCrossing", "row things across a river without leaving enemies alone"),
    "pancake_sorting": Line("PancakeSorting", "sort a stack by turning over its top"),
    "rush_hour": Line("RushHour", "slide cars out of the way of one that must leave"),
    "shortest_path": Line("ShortestPath", "walk a shortest way through a weighted graph"),
    "graph_coloring": Line("GraphColoring", "colour a graph so that neighbours differ"),
    "traveling_salesman": Line("TravelingSalesman", "make a round trip within a stated length"),
    "job_shop": Line("JobShop", "dispatch jobs on machines within a stated time"),
    "course_schedule": Line("CourseSchedule", "take courses with prerequisites in the fewest terms"),
    "hamiltonian_path": Line("HamiltonianPath", "visit every node of a graph once"),
    "vertex_cover": Line("VertexCover", "touch every edge of a graph with the fewest nodes"),
    "spanning_tree": Line("SpanningTree", "join all nodes of a graph with the shortest edges"),
    "max_clique": Line("MaxClique", "find a largest clique of a graph"),
    "pddl": Line("Pddl", "plan in eight PDDL domains, or in your own"),
}

SYMBOLIC = {
    "differentiate": Line("Differentiate", "differentiate a function, one part at a time"),
    "expand": Line("Expand", "multiply products of sums out"),
    "complex_numbers": Line("ComplexNumbers", "compute with complex numbers"),
    "factor": Line("Factor", "factor a polynomial over the rationals"),
    "solve_equation": Line("SolveEquation", "find all real solutions of an equation"),
    "polynomial_division": Line("PolynomialDivision", "divide polynomials with remainder"),
    "inequality": Line("Inequality", "solve an inequality with a rational function"),
    "determinant": Line("Determinant", "find a determinant by row operations"),
    "modular": Line("Modular", "find the number that satisfies several congruences"),
    "recurrence": Line("Recurrence", "find the closed form of a linear recurrence"),
    "solve_system": Line("SolveSystem", "solve a system of linear equations"),
    "unit_conversion": Line("UnitConversion", "convert units exactly, one at a time"),
    "boolean_simplify": Line("BooleanSimplify", "shorten a Boolean formula to a stated length"),
    "propositional_proof": Line("PropositionalProof", "prove a formula by natural deduction, a rule a line"),
    "rewrite": Line("Rewrite", "rewrite an expression into another by named rules"),
    "series": Line("Series", "find a Taylor polynomial, a coefficient at a time"),
    "limits": Line("Limits", "find a limit from the leading terms of factors"),
    "simplify": Line("Simplify", "simplify an expression to a stated size"),
    "integrate": Line("Integrate", "find an antiderivative, part by part"),
}

PROGRAMS = {
    "stack_machine": Line("StackMachine", "turn stacks into other ones by a short program of stack words"),
    "register_machine": Line("RegisterMachine", "foretell what a program with jumps does to a few registers"),
    "brainfuck": Line("Brainfuck", "write a short brainfuck program that prints given numbers"),
    "turing": Line("Turing", "fill the gaps in the table of a Turing machine"),
    "automaton": Line("Automaton", "find a finite automaton that accepts some words and refuses others"),
    "regex": Line("Regex", "write a regular expression that matches these words, not those"),
    "sorting_network": Line("SortingNetwork", "sort several lists at once with the same few comparators"),
    "boolean_circuit": Line("BooleanCircuit", "build a circuit of few gates that gives a wanted column"),
    "string_transform": Line("StringTransform", "make texts out of the words of other texts by one program"),
    "list_functions": Line("ListFunctions", "chain list functions so that every example is mapped right"),
    "grammar": Line("Grammar", "derive a word by the rules of a grammar"),
    "sql": Line("Sql", "answer questions about two tables by an SQL query"),
    "synthesis": Line("Synthesis", "write a Python function from examples of what it gives"),
    "repair": Line("Repair", "mend a Python function in which one token is wrong"),
    "output_prediction": Line("OutputPrediction", "foretell what a Python program prints"),
    "optimize": Line("Optimize", "make a register program do the same in fewer steps"),
    "arc": Line("Arc", "find the rule behind pairs of grids and apply it to another"),
}

METACOGNITION = {
    "calibrated_arithmetic": Line("CalibratedArithmetic", "compute, and say how probable the answer is"),
    "know_before_answer": Line("KnowBeforeAnswer", "say whether you can compute something, then compute it"),
    "bet": Line("Bet", "compute, and stake on each answer"),
    "abstain": Line("Abstain", "compute, or pass for a small sure reward"),
}

CATALOGUE = {
    "puzzles": PUZZLES,
    "planning": PLANNING,
    "symbolic": SYMBOLIC,
    "programs": PROGRAMS,
    "metacognition": METACOGNITION,
}


def register() -> None:
    """Put every line into the registry."""
    for family, lines in CATALOGUE.items():
        for name, line in lines.items():
            path = f"esreason.envs.{family}.{name}:{line.cls}"
            add_builtin(path, name, family, line.summary, line.levels, line.version)
    add_source("reasoning-gym", "esreason.adapters.reasoning_gym:data_set")
