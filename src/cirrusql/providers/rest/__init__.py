"""REST APIs that a document describes."""
