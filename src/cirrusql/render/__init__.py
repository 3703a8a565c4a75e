"""Formats of results: one module per format."""
