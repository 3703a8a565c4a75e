"""SET: the new value of each column, and the operation that accepts it."""
