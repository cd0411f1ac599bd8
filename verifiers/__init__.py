"""Checkers of answers: pure functions from a task and a text to a verdict."""
