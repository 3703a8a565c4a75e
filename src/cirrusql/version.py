"""The version, apart from the package's own exports: what needs it needs nothing else."""

__version__ = "0.1.0"
