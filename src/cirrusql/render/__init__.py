"""Results to bytes: one module a format."""
