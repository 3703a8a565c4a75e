"""Statements in, Results out; what SHOW, DESCRIBE and EXPLAIN say."""
