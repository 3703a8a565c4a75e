"""INSERT: several calls per row, with the column names that SELECT shows."""
