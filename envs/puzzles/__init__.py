"""The family `puzzles`."""
