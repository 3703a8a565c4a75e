"""The wrapper around DuckDB, and the SQL functions that CirruSQL adds to it."""
