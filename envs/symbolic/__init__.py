"""The family `symbolic`."""
