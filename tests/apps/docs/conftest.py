"""A sandbox with the company in it, for the rows of examples."""

from tests.apps.endtoend.conftest import cirrusql, company, in_company

__all__ = ["cirrusql", "company", "in_company"]
