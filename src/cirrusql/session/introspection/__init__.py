"""SHOW, DESCRIBE, EXPLAIN, system tables and information_schema."""
