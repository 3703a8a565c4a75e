"""REST APIs described by a document."""
