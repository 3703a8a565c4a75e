"""Compares desired rows with the last applied and the live ones."""
