"""Writes of a plan: validated, previewed, executed, reported."""
