"""Builds requests as botocore's client would, and reads errors."""
