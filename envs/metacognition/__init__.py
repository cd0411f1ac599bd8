"""Knowing what one knows: environments about the solver's own answers."""
