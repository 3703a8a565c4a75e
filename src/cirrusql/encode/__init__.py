"""Encoding of parameters: converts SQL values to the API's types and validates them against the
model."""
