"""Bridges to other projects' packages: one file a package, which is imported when the file is."""
