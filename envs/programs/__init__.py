"""The family `programs`."""
