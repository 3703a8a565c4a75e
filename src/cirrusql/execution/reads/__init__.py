"""Runs the scans of a plan: reads keys from feeds, makes calls concurrently, hands rows to the
engine."""
