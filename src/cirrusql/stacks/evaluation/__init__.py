"""Evaluates the queries of a stack over rows, some of whose values are not known yet."""
