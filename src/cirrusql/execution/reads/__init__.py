"""The scans of a plan: keys fed on, calls made at once, rows given to the engine."""
