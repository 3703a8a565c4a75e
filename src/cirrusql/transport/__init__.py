"""From calls to answers: connections, retries, pages, one event loop in a thread of its own."""
