"""The family `metacognition`."""
