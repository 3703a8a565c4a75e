"""Inverses of writes, and read-back of resources after a write."""
