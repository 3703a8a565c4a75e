"""Formats that other programs read: CSV, JSON, Parquet, Arrow, plain text."""
