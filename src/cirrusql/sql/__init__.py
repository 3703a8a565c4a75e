"""Splits and parses statements, before any name is looked up."""
