"""The checkers behind the environments: pure functions over data and hostile text."""
