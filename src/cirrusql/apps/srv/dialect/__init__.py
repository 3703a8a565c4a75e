"""PostgreSQL syntax and functions that the engine lacks or interprets differently."""
