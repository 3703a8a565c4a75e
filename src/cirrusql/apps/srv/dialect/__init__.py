"""What PostgreSQL means by words that the engine does not know, or takes for something else."""
