"""Calls to responses: connections, retries, paging, and an event loop in its own thread."""
