"""Faster ways over plain answers; each gives what the plain way gives."""
