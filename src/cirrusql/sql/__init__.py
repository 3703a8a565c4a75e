"""Statements split and parsed, before anything is looked up."""
