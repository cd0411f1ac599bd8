"""Planning and search over graphs and blocks."""
