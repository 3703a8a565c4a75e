"""Requests as botocore's client would send them, and error answers."""
