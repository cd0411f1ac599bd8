"""Symbolic mathematics: calculus, algebra, equations."""
