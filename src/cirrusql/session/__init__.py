"""Sessions: statements in, results out; also SHOW, DESCRIBE and EXPLAIN."""
