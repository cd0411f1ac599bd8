"""The family `planning`."""
