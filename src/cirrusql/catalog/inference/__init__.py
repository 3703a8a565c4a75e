"""Infers resources, verbs and identifiers from names and shapes: rules, and data that corrects
them."""
