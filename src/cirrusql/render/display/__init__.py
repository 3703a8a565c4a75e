"""Rows for a person at a terminal: what fits, what is cut, what goes through a pager."""
