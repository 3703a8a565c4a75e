"""Plans as they run."""
