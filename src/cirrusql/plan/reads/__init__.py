"""Chooses the methods that read a table, and what they return."""
