"""The whole catalog as tables, for search and the system tables."""
