"""Expressions over x: read, compared and printed without ever evaluating a text."""
