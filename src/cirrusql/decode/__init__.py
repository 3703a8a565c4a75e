"""Answers on their way in: bytes to rows and Arrow columns. Pure."""
