"""Programs and program-like transformations, from examples."""
