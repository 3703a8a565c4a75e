"""Rate limiting, retries, and fair scheduling of calls."""
