"""DuckDB: its one door, and the functions that SQL has of us."""
