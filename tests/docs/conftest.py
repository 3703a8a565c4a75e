"""The fixtures of the whole command line: a sandbox with the company in it."""

from tests.apps.endtoend.conftest import cirrusql, company, in_company

__all__ = ["cirrusql", "company", "in_company"]
