"""The version, separate from the package's exports: reading it imports nothing else."""

__version__ = "0.1.0"
