"""What ends at all, on any machine; how fast it ends is a figure of `benchmarks/`."""

LONG = 60.0
"""CPU seconds: more than a busy machine or a collection of garbage adds, less than what explodes would take."""
