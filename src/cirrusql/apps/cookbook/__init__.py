"""Ready-made queries about cloud accounts."""
