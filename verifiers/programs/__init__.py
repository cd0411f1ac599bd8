"""Interpreters of small languages, and the sandbox for Python: pure functions, bounded by counters."""
