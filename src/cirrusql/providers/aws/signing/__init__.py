"""Signature Versions 4, 4A and 2."""
