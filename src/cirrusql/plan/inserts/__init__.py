"""INSERT: several calls for one row, names as SELECT shows them."""
