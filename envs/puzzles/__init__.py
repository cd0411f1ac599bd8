"""Puzzles over grids, numbers and pieces."""
