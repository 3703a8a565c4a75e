"""Rows on a terminal: fitting, truncating, paging."""
