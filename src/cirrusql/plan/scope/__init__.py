"""The data that passes work on: the statement's SELECTs, names and source text."""
