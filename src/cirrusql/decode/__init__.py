"""Decoding of responses: bytes to rows and Arrow columns. Pure."""
