"""Which method reads a table, and what it gives."""
